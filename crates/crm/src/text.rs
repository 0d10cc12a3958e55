//! Plain text of a mail.

/// What stands for a character in HTML, and what it is; the rest is left as it is.
const ENTITIES: [(&str, &str); 7] =
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&amp;", "&")];

/// Elements that begin a line.
const LINES: [&str; 8] = ["br", "p", "div", "tr", "li", "h1", "h2", "blockquote"];

/// The beginning of a text.
pub(crate) fn cut(text: &str, most: usize) -> String {
    text.trim().chars().take(most).collect()
}

/// The words of a page of HTML, a paragraph a line.
pub(crate) fn of_html(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, after)) = tag.split_once('>') else { return lines(&text) };
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        rest = after;
        if tag.starts_with("!--") {
            // A comment can have tags in it.
            rest = if tag.ends_with("--") { after } else { after.split_once("-->").map_or("", |(_, after)| after) };
        } else if matches!(name.as_str(), "style" | "script" | "title") && !tag.starts_with('/') {
            rest = past(after, &format!("</{name}"));
        } else if LINES.contains(&name.as_str()) {
            text.push('\n');
        }
    }
    text.push_str(rest);
    lines(&text)
}

/// What follows this end of an element, in whatever case it is written.
fn past<'a>(text: &'a str, end: &str) -> &'a str {
    let found = text.to_ascii_lowercase().find(end);
    found.and_then(|at| text[at..].split_once('>')).map_or("", |(_, after)| after)
}

fn lines(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, character) in ENTITIES {
        text = text.replace(entity, character);
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_read_as_its_words() {
        let table = [
            ("<p>Dear  Ann,</p><p>see &lt;you&gt; &amp; me<br/>Bob</p>", "Dear Ann,\nsee <you> & me\nBob"),
            ("<STYLE>p { color: red }</Style><b>bold</b> word", "bold word"),
            ("a<!-- <p>hidden</p> -->b<!--c-->", "ab"),
            ("<div>a</div><div>&nbsp;</div>&amp;lt;", "a\n&lt;"),
            ("3 < 4", "3"),
            ("<script>x", ""),
            ("no page", "no page"),
        ];
        for (html, wanted) in table {
            assert_eq!(of_html(html), wanted, "{html}");
        }
        assert_eq!(cut(&format!(" {}", "é".repeat(5_000)), 4_000).chars().count(), 4_000);
    }
}
