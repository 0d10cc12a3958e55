use super::*;
use crate::knowledge::outline::Block;
use crate::knowledge::read::{self, DocumentKind};
use lopdf::{Dictionary, EncryptionState, EncryptionVersion, Object, Permissions, Stream};
use std::fmt::Write as _;

/// A file of these objects, the first of which is the catalog.
fn file(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let xref = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

fn stream(entries: &str, content: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

/// A file of pages with these operations, for which `F1` is Helvetica, and with further objects from number 4 on.
fn pages(contents: &[&str], resources: &str, more: &[String]) -> Vec<u8> {
    let first = 4 + more.len();
    let kids: Vec<String> = (0..contents.len()).map(|at| format!("{} 0 R", first + 2 * at)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Count {} /Kids [{}] /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> {resources} >> >>",
            contents.len(),
            kids.join(" ")
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    objects.extend_from_slice(more);
    for (at, content) in contents.iter().enumerate() {
        objects.push(format!("<< /Type /Page /Parent 2 0 R /Contents {} 0 R >>", first + 2 * at + 1));
        objects.push(stream("", content));
    }
    file(&objects)
}

/// A sheet of one page.
pub(in crate::knowledge) fn sheet() -> Vec<u8> {
    pages(
        &["BT /F1 20 Tf 72 770 Td (Dockline Receive) Tj ET\n\
           BT /F1 11 Tf 72 740 Td (Reads pallets at the dock door, so that no-) Tj 0 -14 Td (body types goods in by hand.) Tj ET\n\
           BT /F1 15 Tf 72 700 Td [(Pri) -20 (cing)] TJ ET\n\
           BT /F1 11 Tf 14 TL 72 680 Td [(A door) -300 (costs 49) 10 ( euros \\(a month\\).)] TJ T* (\\225 M\\374nster: 45) Tj\n\
           (\\225 K\\366ln: 47) ' 0 -30 Td (Cameras are bought once.) Tj ET"],
        "",
        &[],
    )
}

fn told(bytes: &[u8]) -> Vec<String> {
    let blocks = read(bytes).unwrap().1;
    let one = |block| match block {
        Block::Heading(level, title) => format!("{level} {title}"),
        Block::Words(words) => words,
    };
    blocks.into_iter().map(one).collect()
}

#[test]
fn words_come_out_in_paragraphs_below_larger_lines() {
    let expected = [
        "1 Dockline Receive",
        "Reads pallets at the dock door, so that nobody types goods in by hand.",
        "2 Pricing",
        "A door costs 49 euros (a month).\n• Münster: 45\n• Köln: 47",
        "Cameras are bought once.",
    ];
    assert_eq!(told(&sheet()), expected);
    let reading = read::parse(&sheet(), "sheet.pdf").unwrap();
    assert_eq!((reading.kind, reading.title.as_str()), (DocumentKind::Pdf, "Dockline Receive"));
    let headings: Vec<&str> = reading.sections.iter().map(|section| section.heading.as_str()).collect();
    assert_eq!(headings, ["Dockline Receive", "Dockline Receive › Pricing"]);
}

#[test]
fn pages_stand_for_headings_that_are_not_there() {
    let page = |words: &str| format!("BT /F1 11 Tf 72 700 Td ({words}) Tj ET");
    let file = pages(&[&page("One."), "", &page("Three.")], "", &[]);
    assert_eq!(told(&file), ["1 Page 1", "One.", "1 Page 3", "Three."]);
    assert_eq!(read::parse(&file, "Doors 2026.pdf").unwrap().title, "Doors 2026");
    assert_eq!(told(&pages(&[&page("One.")], "", &[])), ["One."]);
}

#[test]
fn letters_are_told_by_the_table_of_a_font_and_spaces_by_its_widths() {
    let table = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n\
        1 begincodespacerange <0000> <ffff> endcodespacerange\n\
        1 beginbfrange <0001> <001a> <0061> endbfrange\n1 beginbfchar <0030> <fb01> endbfchar\n\
        endcmap CMapName currentdict /CMap defineresource pop end end";
    let more = [
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [5 0 R] /ToUnicode 6 0 R >>".to_owned(),
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000 /W [1 [500 500] 3 60 600] >>".to_owned(),
        stream("", table),
        "<< /Type /Font /Subtype /Type0 /BaseFont /Y /Encoding /Identity-H /DescendantFonts [5 0 R] >>".to_owned(),
    ];
    let fonts = "/Font << /F2 4 0 R /F3 7 0 R >>";
    // "ab" is 10 wide, after which "cd" stands at once and "ef" after a gap.
    let shown = "BT /F2 10 Tf 1 0 0 1 72 700 Tm <00010002> Tj 1 0 0 1 82 700 Tm <00030004> Tj 1 0 0 1 98 700 Tm <00050006> Tj\n\
        /F3 10 Tf <00010002> Tj /F2 10 Tf 0 -14 Td <003000010006> Tj ET";
    let page = pages(&[shown], "", &more);
    let page = String::from_utf8(page).unwrap().replace("/Font << /F1 3 0 R >>", fonts);
    assert_eq!(told(page.as_bytes()), ["abcd ef fiaf"], "the file's places are wrong now, too, and are found anew");
    let dark = page.replace("/F2 10 Tf", "/F3 10 Tf");
    assert_eq!(read(dark.as_bytes()), Err(ReadError::Letters));
    let korean = page.replace("/BaseFont /Y /Encoding /Identity-H", "/BaseFont /Y /Encoding /UniKS-UCS2-H");
    let korean = korean.replace("/F3 10 Tf <00010002> Tj", "0 -30 Td /F3 10 Tf <D55CAE00> Tj");
    assert_eq!(told(korean.as_bytes())[1], "한글 fiaf");
}

#[test]
fn drawings_within_pages_are_read_and_do_not_go_round() {
    let form = "/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /Font << /F1 3 0 R >> /XObject << /X 4 0 R >> >>";
    let more = [stream(form, "BT /F1 11 Tf 10 10 Td (Within.) Tj ET /X Do /X Do")];
    let file = pages(&["q 1 0 0 1 50 50 cm /X Do Q"], "/XObject << /X 4 0 R >>", &more);
    let all = told(&file).join(" ");
    assert!(all.starts_with("Within.") && all.matches("Within.").count() < 100, "{all}");
}

#[test]
fn what_is_no_sheet_is_told() {
    assert_eq!(read(&pages(&["0 0 10 10 re f"], "", &[])), Err(ReadError::Scanned));
    assert_eq!(read(b"%PDF-1.4\n"), Err(ReadError::Damaged));
    let many = vec![""; PAGES + 1];
    assert_eq!(read(&pages(&many, "", &[])), Err(ReadError::Pages(PAGES)));
}

/// A document as `lopdf` writes it, for what is laborious by hand.
fn document(content: Stream) -> Document {
    let mut document = Document::load_mem(&sheet()).unwrap();
    let page = document.get_pages()[&1];
    let id = document.get_page_contents(page)[0];
    document.objects.insert(id, Object::Stream(content));
    document
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let mut content = Stream::new(Dictionary::new(), vec![b' '; STREAM + 1]);
    content.compress().unwrap();
    let bytes = saved(document(content));
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    assert_eq!(read(&bytes), Err(ReadError::Unpacked));
    let mut content = Stream::new(Dictionary::new(), b"BT /F1 11 Tf 72 700 Td (Packed.) Tj ET ".repeat(99));
    content.compress().unwrap();
    assert!(told(&saved(document(content))).concat().starts_with("Packed."));
}

#[test]
fn a_locked_file_is_told_from_one_that_anybody_may_open() {
    let encrypted = |password: &str| {
        let mut document = Document::load_mem(&sheet()).unwrap();
        let id = Object::string_literal("0123456789abcdef");
        document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: password,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        saved(document)
    };
    assert_eq!(read(&encrypted("secret")), Err(ReadError::Locked));
    assert_eq!(told(&encrypted("")), told(&sheet()));
}

/// Whatever the bytes are, there is an answer, and the next file is read.
#[tokio::test]
async fn damaged_files_take_nothing_down() {
    let sheet = sheet();
    let mut state = 7_u64;
    let mut random = move |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let mut files: Vec<Vec<u8>> = (1..30).map(|part| sheet[..sheet.len() * part / 30].to_vec()).collect();
    for _ in 0..150 {
        let mut bytes = sheet.clone();
        for _ in 0..=random(8) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        files.push(bytes);
        files.push(b"%PDF-1.7\n".iter().copied().chain((0..random(3000)).map(|_| random(256) as u8)).collect());
    }
    for nested in ["[", "<<", "<</A", "(", "q ", "BT "] {
        files.push(pages(&[&nested.repeat(200_000)], "", &[nested.repeat(200_000)]));
    }
    files.push(String::from_utf8(sheet.clone()).unwrap().replace("/Kids [4 0 R]", "/Kids [2 0 R]").into_bytes());
    let begun = std::time::Instant::now();
    let mut told = std::collections::BTreeMap::new();
    for file in files {
        let answer = match read::read(file, "a.pdf").await {
            Ok(_) => "read".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_ne!(answer, ReadError::Slow.to_string());
        *told.entry(answer).or_insert(0) += 1;
    }
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
    assert!(told.len() > 2 && told["read"] > 20, "{told:#?}");
    assert_eq!(read::read(sheet, "a.pdf").await.unwrap().sections.len(), 2);
}
