//! `sideline report`.

use crate::{fixtures, scratch, shared, sideline};
use serde_json::Value;

/// The fixtures with what their sides need.
const CALLS: [&[&str]; 7] = [
    &["sales.vtt", "--internal", "Dana Whitlock"],
    &["zoom.vtt", "--internal", "Marta Okafor"],
    &["captions.srt"],
    &["gong.json"],
    &["notes.txt"],
    &["service.json", "--rubric", "service"],
    &["hostile.vtt", "--internal", "Agent"],
];

/// Asserts that every quote stands at its segment and offset, with the segment's time; returns how many there are.
fn assert_verbatim(report: &Value) -> usize {
    let segments = report["call"]["segments"].as_array().unwrap();
    let checks = report["dimensions"].as_array().unwrap().iter().flat_map(|d| d["checks"].as_array().unwrap());
    let flags = report["flags"].as_array().unwrap();
    let mut quotes = 0;
    for item in checks.chain(flags).flat_map(|claim| claim["evidence"].as_array().unwrap()) {
        let id = item["segment_id"].as_u64().unwrap() as usize;
        let segment = &segments[id - 1];
        assert_eq!(segment["id"].as_u64(), Some(id as u64));
        let (offset, length) = (item["offset"].as_u64().unwrap() as usize, item["length"].as_u64().unwrap() as usize);
        let words: String = segment["text"].as_str().unwrap().chars().skip(offset).take(length).collect();
        assert_eq!(item["quote"], words, "segment {id}");
        assert_eq!(item["start_ms"], segment["start_ms"], "segment {id}");
        assert!(length > 0, "segment {id}");
        quotes += 1;
    }
    quotes
}

#[test]
fn every_quote_of_every_fixture_stands_where_it_says() {
    let mut quotes = 0;
    for call in CALLS {
        quotes += assert_verbatim(&sideline(&[&["report", "--json"], call].concat()).ended(0).json());
    }
    assert!(quotes >= 10, "only {quotes} quotes in all fixtures");
}

#[test]
fn every_quote_of_the_shared_calls_stands_where_it_says() {
    let mut quotes = 0;
    let zoom = shared("zoom_vtt", "vtt");
    for file in &zoom {
        let run = sideline(&["report", file]).ended(2);
        assert!(run.err.contains("Jihoon") && run.err.contains(" %"), "{}", run.err);
        quotes += assert_verbatim(&sideline(&["report", file, "--internal", "Jihoon", "--json"]).ended(0).json());
    }
    let calls = shared("transcripts", "json");
    for file in &calls {
        quotes += assert_verbatim(&sideline(&["report", file, "--rubric", "service", "--json"]).ended(0).json());
    }
    assert!(zoom.is_empty() && calls.is_empty() || quotes > 0);
}

#[test]
fn the_json_has_the_promised_shape() {
    let report = sideline(&["report", "sales.vtt", "--internal", "Dana", "--json"]).ended(0).json();
    assert_eq!(report["call"]["segments"].as_array().unwrap().len(), 14);
    assert!(
        report["metrics"]["talk_ratio"].is_f64() && report.get("overall_score").is_some() && report["flags"].is_array()
    );
    let dimensions = report["dimensions"].as_array().unwrap();
    assert_eq!(dimensions.len(), 4);
    for dimension in dimensions {
        for field in ["name", "score", "coverage", "level", "checks"] {
            assert!(dimension.get(field).is_some(), "{field}");
        }
        for check in dimension["checks"].as_array().unwrap() {
            for field in ["id", "kind", "verdict", "reason", "advice", "evidence"] {
                assert!(check.get(field).is_some(), "{field}");
            }
            assert!(["met", "unmet", "not_applicable", "cannot_assess"].contains(&check["verdict"].as_str().unwrap()));
        }
    }
    assert_eq!(report, sideline(&["report", "sales.vtt", "--internal", "Dana", "--format", "json"]).ended(0).json());
}

/// All reasons, advice and quotes of a report.
fn claims(report: &Value) -> Vec<String> {
    let checks = report["dimensions"].as_array().unwrap().iter().flat_map(|d| d["checks"].as_array().unwrap());
    let mut claims = Vec::new();
    for claim in checks.chain(report["flags"].as_array().unwrap()) {
        claims
            .extend(["name", "reason", "advice"].iter().filter_map(|field| claim[*field].as_str().map(str::to_owned)));
        claims.extend(claim["evidence"].as_array().unwrap().iter().map(|e| e["quote"].as_str().unwrap().to_owned()));
    }
    claims
}

#[test]
fn the_text_says_everything_the_json_says_within_its_columns() {
    for call in CALLS {
        let text = sideline(&[&["report"], call].concat()).ended(0).out;
        let report = sideline(&[&["report", "--json"], call].concat()).ended(0).json();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        let flowing = words(&text);
        for claim in claims(&report) {
            assert!(flowing.contains(&words(&claim)), "{claim} is not in {text}");
        }
        for dimension in report["dimensions"].as_array().unwrap() {
            assert!(text.contains(dimension["title"].as_str().unwrap()));
        }
        assert!(text.contains("Overall") && text.contains("Our share of the talk") && !text.contains('\u{1b}'));
    }
}

#[test]
fn quotes_in_the_text_have_time_and_speaker() {
    let text = sideline(&["report", "sales.vtt", "--internal", "Dana"]).ended(0).out;
    assert!(
        text.lines().any(|line| line.trim_start().starts_with("[00:16] Ravi Menon: “")
            || line.trim_start().starts_with("[01:41] Dana Whitlock: “")),
        "{text}"
    );
    assert!(text.contains('✓') && text.contains('✗'), "{text}");
}

#[test]
fn the_page_is_inert_whatever_the_transcript_says() {
    let page = sideline(&["report", "hostile.vtt", "--internal", "Agent", "--format", "html"]).ended(0).out;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;"), "the words are shown");
    assert!(
        !page.contains("<script")
            && !page.contains("<img")
            && page.matches("<style").count() == 1
            && page.matches("</title>").count() == 1
    );
    assert!(page.contains("default-src 'none'"), "and if anything got through, it may do nothing");
}

#[test]
fn the_page_stands_alone_and_every_quote_leads_to_its_segment() {
    for call in CALLS {
        let page = sideline(&[&["report", "--format", "html"], call].concat()).ended(0).out;
        let report = sideline(&[&["report", "--json"], call].concat()).ended(0).json();
        assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
        for loader in ["http://", "https://", "src=", "<link", "@import", "url("] {
            assert!(!page.replace("src=x onerror", "").contains(loader), "{loader} would load something");
        }
        for part in ["prefers-color-scheme: dark", "@media print", "<main", "<header", "scope=\"col\"", "lang=\"en\""] {
            assert!(page.contains(part), "{part}");
        }
        let targets: Vec<&str> = page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        for target in &targets {
            assert_eq!(page.matches(&format!("id=\"{target}\"")).count(), 1, "{target}");
        }
        let quotes = assert_verbatim(&report);
        assert_eq!(
            targets.iter().filter(|t| t.strip_prefix('s').is_some_and(|id| id.parse::<u32>().is_ok())).count(),
            quotes
        );
        assert_eq!(page.matches("<li id=\"s").count(), report["call"]["segments"].as_array().unwrap().len());
    }
}

#[test]
fn markdown_has_a_table_and_no_live_markup_of_the_transcript() {
    let text = sideline(&["report", "hostile.vtt", "--internal", "Agent", "--format", "md"]).ended(0).out;
    assert!(text.starts_with("# hostile.vtt\n") && text.contains("| **Overall** |"), "{text}");
    assert!(!text.contains("<script") && !text.contains("<img"));
}

#[test]
fn reports_go_into_a_file_or_a_directory() {
    let dir = scratch("report_out");
    let one = dir.join("one.html");
    let run = sideline(&["report", "gong.json", "--format", "html", "-o", one.to_str().unwrap()]).ended(0);
    assert!(run.out.is_empty() && run.err.contains("one.html"));
    assert!(std::fs::read_to_string(&one).unwrap().contains("Rollout review with Kestrel Freight"));
    let many = dir.join("many");
    sideline(&["report", "gong.json", "captions.srt", "broken.json", "--format", "md", "-o", many.to_str().unwrap()])
        .ended(1);
    let mut names: Vec<_> = std::fs::read_dir(&many).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["captions.md", "gong.md"]);
    let coloured = dir.join("plain.txt");
    sideline(&["report", "gong.json", "--color", "always", "-o", coloured.to_str().unwrap()]).ended(0);
    assert!(!std::fs::read_to_string(&coloured).unwrap().contains('\u{1b}'), "files hold no colour");
    assert!(sideline(&["report", "gong.json", "captions.srt", "--format", "html"]).ended(2).err.contains("-o DIR"));
}

#[test]
fn a_report_never_overwrites_its_call() {
    let path = scratch("report_overwrite").join("call.vtt");
    std::fs::copy(fixtures().join("sales.vtt"), &path).unwrap();
    let path = path.to_str().unwrap();
    sideline(&["report", path, "--internal", "Dana", "-o", path]).ended(1);
    assert_eq!(std::fs::read(path).unwrap(), std::fs::read(fixtures().join("sales.vtt")).unwrap());
}

#[test]
fn bands_of_sales_calls_are_not_applied_to_service_calls() {
    let row = |text: &str| text.lines().find(|line| line.contains("Our share of the talk")).unwrap().to_owned();
    assert!(row(&sideline(&["report", "service.json"]).ended(0).out).contains("35–50 %"));
    assert!(!row(&sideline(&["report", "service.json", "--rubric", "service"]).ended(0).out).contains("35–50 %"));
}
