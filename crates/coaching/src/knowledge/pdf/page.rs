//! What stands on a page, by carrying out its operations: 9.4.

use super::font::Font;
use super::lay::Run;
use super::{STREAM, why};
use crate::knowledge::ReadError;
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashMap;
use std::rc::Rc;

/// Most operations of a document.
const OPERATIONS: usize = 5_000_000;
/// Most bytes of operations and of words of a document.
const BYTES: usize = 100 << 20;
/// Drawings within drawings.
const DEPTH: usize = 5;
/// States that are set aside.
const STATES: usize = 64;

/// From one system of places to another: `[a b c d e f]` of 8.3.3.
#[derive(Clone, Copy)]
struct Matrix([f32; 6]);

impl Matrix {
    const SAME: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    fn moved(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this, then `next`.
    fn then(self, next: Self) -> Self {
        let (own, next) = (self.0, next.0);
        Self(std::array::from_fn(|at| {
            let (row, column) = (at / 2, at % 2);
            let moved = if row == 2 { next[4 + column] } else { 0.0 };
            own[2 * row] * next[column] + own[2 * row + 1] * next[2 + column] + moved
        }))
    }
}

/// How words are set: 9.3.
#[derive(Clone)]
struct State<'d> {
    place: Matrix,
    font: Option<Rc<Font<'d>>>,
    size: f32,
    letters: f32,
    words: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

/// Reads the pages of a document.
pub(super) struct Reader<'d> {
    document: &'d Document,
    /// By the dictionary that they are of; none for those that do not say which letters they have.
    fonts: HashMap<*const Dictionary, Option<Rc<Font<'d>>>>,
    operations: usize,
    bytes: usize,
    /// How many letters were shown in fonts that do not say which ones they are, which have two bytes for each.
    pub(super) untold: usize,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self { document, fonts: HashMap::new(), operations: 0, bytes: 0, untold: 0 }
    }

    /// What stands on a page, in the order in which it is drawn.
    pub(super) fn page(&mut self, id: ObjectId) -> Result<Vec<Run>, ReadError> {
        let content = self.document.get_page_content_with_limit(id, STREAM).map_err(|error| why(&error))?;
        let mut resources = Vec::new();
        if let Ok((own, shared)) = self.document.get_page_resources(id) {
            resources.extend(own);
            resources.extend(shared.into_iter().filter_map(|id| self.document.get_dictionary(id).ok()));
        }
        let state = State {
            place: Matrix::SAME,
            font: None,
            size: 0.0,
            letters: 0.0,
            words: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut runs = Vec::new();
        self.draw(&content, &resources, state, 0, &mut runs)?;
        Ok(runs)
    }

    fn draw(
        &mut self,
        content: &[u8],
        resources: &[&'d Dictionary],
        state: State<'d>,
        depth: usize,
        runs: &mut Vec<Run>,
    ) -> Result<(), ReadError> {
        self.take_bytes(content.len())?;
        let mut pen = Pen { state, set_aside: Vec::new(), text: Matrix::SAME, line: Matrix::SAME };
        for operation in Content::decode_iter(content) {
            // What stands before a mistake is read.
            let Ok(Operation { operator, operands }) = operation else { break };
            self.operations += 1;
            if self.operations > OPERATIONS {
                return Err(ReadError::Unpacked);
            }
            match operator.as_str() {
                "Tf" => {
                    let name = operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
                    pen.state.font = self.font(resources, name);
                    pen.state.size = at(&operands, 1);
                }
                "Tj" | "'" | "\"" | "TJ" => {
                    if operator == "\"" {
                        (pen.state.words, pen.state.letters) = (at(&operands, 0), at(&operands, 1));
                    }
                    if matches!(operator.as_str(), "'" | "\"") {
                        pen.next_line(0.0, -pen.state.leading);
                    }
                    match pen.show(operands.last(), runs) {
                        Ok(shown) => self.take_bytes(shown)?,
                        Err(bytes) => self.untold += bytes / 2,
                    }
                }
                "Do" if depth < DEPTH => {
                    let name = operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
                    self.drawing(resources, name, &pen.state, depth, runs)?;
                }
                other => pen.set(other, &operands),
            }
        }
        Ok(())
    }

    /// A drawing that is used on pages: 8.10.
    fn drawing(
        &mut self,
        resources: &[&'d Dictionary],
        name: &[u8],
        state: &State<'d>,
        depth: usize,
        runs: &mut Vec<Run>,
    ) -> Result<(), ReadError> {
        let document = self.document;
        let Some(stream) = named(document, resources, b"XObject", name).and_then(|object| object.as_stream().ok())
        else {
            return Ok(());
        };
        if !stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form") {
            return Ok(());
        }
        let content = stream.decompressed_content_with_limit(STREAM).map_err(|error| why(&error))?;
        let own = stream.dict.get_deref(b"Resources", document).and_then(Object::as_dict).ok();
        let resources = own.map_or_else(|| resources.to_vec(), |own| vec![own]);
        let mut state = state.clone();
        if let Ok(matrix) = stream.dict.get_deref(b"Matrix", document).and_then(Object::as_array) {
            state.place = matrix_of(matrix).then(state.place);
        }
        self.draw(&content, &resources, state, depth + 1, runs)
    }

    fn font(&mut self, resources: &[&'d Dictionary], name: &[u8]) -> Option<Rc<Font<'d>>> {
        let document = self.document;
        let font = named(document, resources, b"Font", name)?.as_dict().ok()?;
        let known = self.fonts.entry(std::ptr::from_ref(font));
        known.or_insert_with(|| Font::new(document, font).map(Rc::new)).clone()
    }

    fn take_bytes(&mut self, more: usize) -> Result<(), ReadError> {
        self.bytes += more;
        if self.bytes > BYTES { Err(ReadError::Unpacked) } else { Ok(()) }
    }
}

/// The resource of this kind and name: 7.8.3.
fn named<'d>(document: &'d Document, resources: &[&'d Dictionary], kind: &[u8], name: &[u8]) -> Option<&'d Object> {
    resources.iter().find_map(|resources| {
        let all = resources.get_deref(kind, document).and_then(Object::as_dict).ok()?;
        all.get_deref(name, document).ok()
    })
}

fn at(operands: &[Object], index: usize) -> f32 {
    operands.get(index).and_then(|object| object.as_float().ok()).unwrap_or_default()
}

fn matrix_of(operands: &[Object]) -> Matrix {
    Matrix(std::array::from_fn(|index| at(operands, index)))
}

struct Pen<'d> {
    state: State<'d>,
    set_aside: Vec<State<'d>>,
    text: Matrix,
    line: Matrix,
}

impl Pen<'_> {
    /// Carries out an operation that shows nothing.
    fn set(&mut self, operator: &str, operands: &[Object]) {
        let state = &mut self.state;
        match operator {
            "q" if self.set_aside.len() < STATES => self.set_aside.push(state.clone()),
            "Q" => {
                if let Some(before) = self.set_aside.pop() {
                    self.state = before;
                }
            }
            "cm" => state.place = matrix_of(operands).then(state.place),
            "BT" => (self.text, self.line) = (Matrix::SAME, Matrix::SAME),
            "Tc" => state.letters = at(operands, 0),
            "Tw" => state.words = at(operands, 0),
            "Tz" => state.scale = at(operands, 0) / 100.0,
            "TL" => state.leading = at(operands, 0),
            "Ts" => state.rise = at(operands, 0),
            "Td" => self.next_line(at(operands, 0), at(operands, 1)),
            "TD" => {
                state.leading = -at(operands, 1);
                self.next_line(at(operands, 0), at(operands, 1));
            }
            "T*" => {
                let leading = state.leading;
                self.next_line(0.0, -leading);
            }
            "Tm" => {
                self.line = matrix_of(operands);
                self.text = self.line;
            }
            _ => {}
        }
    }

    fn next_line(&mut self, x: f32, y: f32) {
        self.line = Matrix::moved(x, y).then(self.line);
        self.text = self.line;
    }

    /// Shows a text, or a list of texts with spaces between them in thousandths of their size. Returns how many bytes of words there are, or as an
    /// error how many cannot be told.
    fn show(&mut self, operand: Option<&Object>, runs: &mut Vec<Run>) -> Result<usize, usize> {
        let parts = match operand {
            Some(Object::Array(parts)) => parts.as_slice(),
            Some(part) => std::slice::from_ref(part),
            None => &[],
        };
        let Some(font) = self.state.font.clone() else {
            return Err(parts.iter().filter_map(|part| part.as_str().ok()).map(<[u8]>::len).sum());
        };
        let State { size, letters, words, scale, .. } = self.state;
        let mut shown = 0;
        for part in parts {
            if let Object::String(bytes, _) = part {
                let (width, count, spaces) = font.measure(bytes);
                let width = (width * size + letters * count as f32 + words * spaces as f32) * scale;
                let text = font.text(bytes);
                shown += text.len();
                let from = self.place();
                self.text = Matrix::moved(width, 0.0).then(self.text);
                runs.extend(Run::new(text, from.0, self.place().0, size));
            } else if let Ok(space) = part.as_float() {
                self.text = Matrix::moved(-space / 1000.0 * size * scale, 0.0).then(self.text);
            }
        }
        Ok(shown)
    }

    /// Where the next letter stands on the page.
    fn place(&self) -> Matrix {
        Matrix::moved(0.0, self.state.rise).then(self.text).then(self.state.place)
    }
}
