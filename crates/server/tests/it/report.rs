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
    for call in CALLS {
        let quotes = assert_verbatim(&sideline(&[&["report", "--json"], call].concat()).ended(0).json());
        // Everything needs a quote but what nobody said; the shortest fixtures have one or two.
        let least = match call[0] {
            "sales.vtt" => 10,
            _ => 1,
        };
        assert!(quotes >= least, "only {quotes} quotes in {}", call[0]);
    }
}

#[test]
fn every_quote_of_the_shared_calls_stands_where_it_says() {
    let zoom = shared("zoom_vtt", "vtt");
    for file in &zoom {
        let run = sideline(&["report", file]).ended(2);
        assert!(run.err.contains("Jihoon") && run.err.contains(" %"), "{}", run.err);
        let quotes = assert_verbatim(&sideline(&["report", file, "--internal", "Jihoon", "--json"]).ended(0).json());
        assert!(quotes > 0, "no quote in {file}");
    }
    let calls = shared("transcripts", "json");
    for file in &calls {
        let quotes = assert_verbatim(&sideline(&["report", file, "--rubric", "service", "--json"]).ended(0).json());
        assert!(quotes > 0, "no quote in {file}");
    }
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
        assert!(text.contains("Overall") && text.contains("Talk ratio") && !text.contains('\u{1b}'));
    }
}

#[test]
fn quotes_in_the_text_have_time_and_speaker() {
    let text = sideline(&["report", "sales.vtt", "--internal", "Dana"]).ended(0).out;
    assert!(
        text.lines().any(|line| line.trim_start().starts_with("[0:16] Ravi Menon: “")
            || line.trim_start().starts_with("[1:41] Dana Whitlock: “")),
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
        let heard = report["trackers"].as_array().unwrap().iter();
        let moments: usize = heard.map(|tracker| tracker["hits"].as_array().unwrap().len().min(8)).sum();
        let quotes = assert_verbatim(&report) + moments;
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
    assert!(text.starts_with("# hostile\n\nhostile.vtt · ") && text.contains("| **Overall** |"), "{text}");
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
fn no_path_of_the_machine_is_in_a_report() {
    let dir = scratch("report_paths");
    let path = dir.join("my call.vtt");
    std::fs::copy(fixtures().join("sales.vtt"), &path).unwrap();
    let (path, dir) = (path.to_str().unwrap(), dir.to_str().unwrap());
    for format in ["html", "md", "json", "text"] {
        let out = sideline(&["report", path, "--internal", "Dana", "--format", format]).ended(0).out;
        assert!(!out.contains(dir), "{format}");
        match format {
            "html" => assert!(out.contains("<h1>my call</h1>") && out.contains("<title>my call – ")),
            "md" => assert!(out.starts_with("# my call\n\nmy call.vtt · ")),
            "text" => assert!(out.starts_with("my call\nmy call.vtt · ")),
            _ => {}
        }
    }
}

#[test]
fn the_bars_of_the_scores_are_there_on_a_phone() {
    let page = sideline(&["report", "sales.vtt", "--internal", "Dana", "--format", "html"]).ended(0).out;
    let phone = page.split("@media (max-width: 640px) {").nth(1).unwrap().split("@media").next().unwrap();
    let hidden = phone.split('}').filter(|rule| rule.contains("display: none"));
    assert!(!hidden.clone().any(|rule| rule.contains(".wide") || rule.contains(".judged") || rule.contains(".bar")));
    assert_eq!(hidden.count(), 1, "only the column of bands, which stands beneath its name there");
}

/// A file with trackers of one's own.
fn own_trackers() -> String {
    let path = scratch("own_trackers").join("mine.yaml");
    std::fs::write(&path, "trackers:\n- {id: dock, name: The dock, phrases: [dock, gate camera]}\n").unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_was_heard_is_shown_and_quoted_and_may_be_ones_own() {
    let mine = own_trackers();
    let args = ["report", "sales.vtt", "--internal", "Dana"];
    let with = |more: &[&str]| sideline(&[&args[..], more].concat()).ended(0);
    let own = with(&["--json", "--trackers", &mine]).json();
    let built_in = with(&["--json"]).json();
    assert_eq!(own["dimensions"], built_in["dimensions"], "the judgement does not rest on what is listened for");
    assert_eq!(own["metrics"], built_in["metrics"]);
    let hits = own["trackers"][0]["hits"].as_array().unwrap();
    let quotes: Vec<_> =
        hits.iter().map(|hit| (hit["segment_id"].as_u64().unwrap(), hit["quote"].as_str().unwrap())).collect();
    assert_eq!(quotes, [(3, "dock"), (7, "gate camera"), (11, "dock"), (13, "dock")]);
    assert_eq!((&own["trackers"][0]["id"], &own["trackers"][0]["count"]), (&"dock".into(), &4.into()));
    let text = with(&["--trackers", &mine]).out;
    let row = text.lines().find(|line| line.contains("The dock")).unwrap();
    assert!(row.ends_with("   4  0:12  0:48  1:25 …"), "{row}");
    let page = with(&["--format", "html", "--trackers", &mine]).out;
    assert!(page.contains("<a href=\"#s7\" title=\"Dana Whitlock: gate camera\">0:48</a>"));
    assert!(with(&["--format", "md", "--trackers", &mine]).out.contains("- The dock: 4× `0:12` `0:48`"));
}

#[test]
fn a_mistake_in_a_tracker_file_names_file_line_and_key() {
    let dir = scratch("bad_trackers");
    let mine = own_trackers();
    for (yaml, expected) in [
        ("trackers:\n- id: a\n  name: A\n  phrase: [x]\n", &["bad.yaml:4", "phrase"][..]),
        (
            "trackers:\n- {id: a, name: A, phrases: [x]}\n- {id: b, name: B, phrases: ['(x']}\n",
            &["bad.yaml:3: ", "\"b\"", "(x"],
        ),
        ("trackers:\n- {id: dock, name: A, phrases: [x]}\n", &["bad.yaml:2: ", "\"dock\" is defined twice"]),
    ] {
        let path = dir.join("bad.yaml");
        std::fs::write(&path, yaml).unwrap();
        for command in [&["report", "sales.vtt"][..], &["metrics", "sales.vtt"], &["label"]] {
            let run =
                sideline(&[command, &["--trackers", &mine, "--trackers", path.to_str().unwrap()]].concat()).ended(1);
            assert!(run.out.is_empty() && expected.iter().all(|part| run.err.contains(part)), "{}", run.err);
        }
    }
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
    let row = |text: &str| text.lines().find(|line| line.contains("Talk ratio")).unwrap().to_owned();
    assert!(row(&sideline(&["report", "service.json"]).ended(0).out).contains("discovery 35–50 %"));
    assert!(!row(&sideline(&["report", "service.json", "--rubric", "service"]).ended(0).out).contains("35–50 %"));
}
