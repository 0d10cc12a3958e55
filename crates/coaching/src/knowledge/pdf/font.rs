//! What a font says of its letters: which they are, and how wide.

use super::STREAM;
use lopdf::{Dictionary, Document, Encoding, Object};
use std::collections::BTreeMap;

/// Width of a letter that no font tells, in thousandths of its size: about that of Helvetica.
const USUAL: f32 = 500.0;

/// A font of a document.
pub(super) struct Font<'d> {
    /// None where its codes are UTF-16.
    encoding: Option<Encoding<'d>>,
    /// Its letters have two bytes each.
    wide: bool,
    /// The first code of those that are as wide, the last one, and how wide they are in thousandths.
    widths: BTreeMap<u32, (u32, f32)>,
    other: f32,
}

impl<'d> Font<'d> {
    /// What this dictionary says; none where it does not say which letters it has.
    pub(super) fn new(document: &'d Document, font: &'d Dictionary) -> Option<Self> {
        let composite = font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0");
        let encoding = match (told(document, font), composite) {
            (Some(told), _) => Some(told),
            (None, false) => Some(font.get_font_encoding_with_limit(document, STREAM).ok()?),
            // 9.7.5.2: the rest are numbers of shapes, or of letters in the sets of a country.
            (None, true) => {
                let name = font.get_deref(b"Encoding", document).and_then(Object::as_name).ok()?;
                let unicode =
                    [&b"-UCS2-"[..], b"-UTF16-"].iter().any(|form| name.windows(form.len()).any(|at| at == *form));
                if !unicode {
                    return None;
                }
                None
            }
        };
        let mut made = Self { encoding, wide: composite, widths: BTreeMap::new(), other: USUAL };
        if composite {
            made.composite(document, font);
        } else {
            made.simple(document, font);
        }
        Some(made)
    }

    /// 9.2.4: a width for each code from `FirstChar` on.
    fn simple(&mut self, document: &Document, font: &Dictionary) {
        let first = font.get_deref(b"FirstChar", document).and_then(Object::as_i64).unwrap_or_default();
        let Ok(widths) = font.get_deref(b"Widths", document).and_then(Object::as_array) else { return };
        // Those of a Type 3 font are in its own measure.
        let scale = match font.get_deref(b"FontMatrix", document).and_then(Object::as_array) {
            Ok(matrix) => matrix.first().map_or(1.0, |a| number(document, a) * 1000.0),
            Err(_) => 1.0,
        };
        for (code, width) in (u32::try_from(first).unwrap_or_default()..=255).zip(widths) {
            self.widths.insert(code, (code, number(document, width) * scale));
        }
    }

    /// 9.7.4.3: `c [w w …]` or `c c w`.
    fn composite(&mut self, document: &Document, font: &Dictionary) {
        let below = font.get_deref(b"DescendantFonts", document).and_then(Object::as_array);
        let below = below.ok().and_then(|all| all.first()).and_then(|one| document.dereference(one).ok());
        let Some(Ok(below)) = below.map(|(_, one)| one.as_dict()) else { return };
        self.other = below.get_deref(b"DW", document).map_or(1000.0, |width| number(document, width));
        let identity = font.get(b"Encoding").and_then(Object::as_name).is_ok_and(|name| name.starts_with(b"Identity"));
        let Ok(widths) = below.get_deref(b"W", document).and_then(Object::as_array) else { return };
        // With another encoding the codes are not those of the widths.
        let mut rest = if identity { widths.as_slice() } else { &[] };
        while let [first, second, more @ ..] = rest {
            let first = number(document, first) as u32;
            let second = document.dereference(second).map_or(second, |(_, object)| object);
            if let Object::Array(each) = second {
                for (code, width) in (first..=0xffff).zip(each) {
                    self.widths.insert(code, (code, number(document, width)));
                }
                rest = more;
            } else {
                let [width, more @ ..] = more else { break };
                self.widths.insert(first, (number(document, second) as u32, number(document, width)));
                rest = more;
            }
        }
    }

    /// The letters of a text, where they can be told.
    pub(super) fn text(&self, bytes: &[u8]) -> String {
        if let Some(encoding) = &self.encoding {
            return encoding.bytes_to_string(bytes).unwrap_or_default();
        }
        let codes = bytes.chunks_exact(2).map(|code| u16::from_be_bytes([code[0], code[1]]));
        char::decode_utf16(codes).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// How wide the letters are together, in parts of their size; how many there are; and how many are spaces of one byte.
    pub(super) fn measure(&self, bytes: &[u8]) -> (f32, usize, usize) {
        let mut width = 0.0;
        for code in bytes.chunks(if self.wide { 2 } else { 1 }) {
            let code = code.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
            let known = self.widths.range(..=code).next_back().filter(|(_, (last, _))| code <= *last);
            width += known.map_or(self.other, |(_, (_, width))| *width);
        }
        let spaces = if self.wide { 0 } else { bytes.split(|byte| *byte == b' ').count() - 1 };
        (width / 1000.0, bytes.len() / if self.wide { 2 } else { 1 }, spaces)
    }
}

/// The letters by the font's own table (9.10.3), which is right where names of shapes are made up.
fn told<'d>(document: &'d Document, font: &Dictionary) -> Option<Encoding<'d>> {
    let mut bare = Dictionary::new();
    bare.set("Type", Object::Name(b"Font".to_vec()));
    bare.set("ToUnicode", font.get(b"ToUnicode").ok()?.clone());
    match bare.get_font_encoding_with_limit(document, STREAM) {
        Ok(Encoding::UnicodeMapEncoding(letters)) => Some(Encoding::UnicodeMapEncoding(letters)),
        _ => None,
    }
}

/// A number, or 0 where it is none.
fn number(document: &Document, object: &Object) -> f32 {
    document.dereference(object).ok().and_then(|(_, object)| object.as_float().ok()).unwrap_or_default()
}
