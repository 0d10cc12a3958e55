use super::*;
use serde_json::json;

fn verdicts() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["checks", "note"],
        "properties": {
            "checks": {"type": "array", "items": {"$ref": "#/$defs/check"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}
        },
        "$defs": {"check": {
            "type": "object", "additionalProperties": false, "required": ["id", "level", "evidence"],
            "properties": {
                "id": {"type": "string", "enum": ["a", "b"]},
                "level": {"type": ["integer", "null"]},
                "evidence": {"type": "array", "items": {"type": "integer"}}
            }
        }}
    })
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let told = |value: Value| misfits(&value, &verdicts()).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(told(json!({"checks": [{"id": "a", "level": null, "evidence": [1, 2]}], "note": null})).is_empty());
    assert_eq!(told(json!({"checks": [], "note": 1})), ["$.note: fits none of anyOf"]);
    assert_eq!(
        told(json!({"checks": [{"id": "c", "level": 1.5, "evidence": ["x"], "more": 1}], "note": ""})),
        [
            "$.checks[0].evidence[0]: expected \"integer\"",
            "$.checks[0].id: not one of the enum",
            "$.checks[0].level: expected [\"integer\",\"null\"]",
            "$.checks[0].more: nothing is allowed here",
        ]
    );
    assert_eq!(told(json!({"checks": []})), ["$: `note` is missing"]);
}

#[test]
fn bounds_count() {
    let schema = json!({"type": "array", "minItems": 1, "items": {"type": "number", "minimum": 0, "maximum": 1}});
    for (value, count) in [(json!([]), 1), (json!([0.5]), 0), (json!([2, -1]), 2)] {
        assert_eq!(misfits(&value, &schema).len(), count, "{value}");
    }
}

#[test]
fn samples_fit() {
    let others = [
        json!({"type": "object", "properties": {"q": {"type": "string", "maxLength": 3}}, "required": ["q"]}),
        json!({"type": "string", "format": "date-time"}),
        json!({"allOf": [
            {"type": "object", "properties": {"x": {"type": "number", "minimum": 3}}, "required": ["x"]},
            {"type": "object", "properties": {"y": {"const": 7}}, "required": ["y"]}
        ]}),
    ];
    for schema in others.into_iter().chain([verdicts()]) {
        let sample = sample(&schema);
        assert_eq!(misfits(&sample, &schema), [], "{sample}");
    }
}

#[test]
fn shaping_drops_what_is_too_much_and_adds_what_is_missing() {
    let shaped =
        shape(json!({"checks": [{"id": "a", "evidence": [], "advice": "x"}], "instructions": []}), &verdicts());
    assert_eq!(shaped, json!({"checks": [{"id": "a", "evidence": [], "level": null}], "note": null}));
}

#[test]
fn anthropic_takes_closed_objects_and_few_keywords() {
    assert_eq!(unsupported(&verdicts()), None);
    let open = json!({"type": "object", "properties": {"x": {"type": "object", "properties": {}}}, "additionalProperties": false});
    assert!(unsupported(&open).is_some_and(|wrong| wrong.starts_with("schema.properties.x: ")));
    for (keyword, value) in
        [("minimum", json!(1)), ("maxLength", json!(5)), ("oneOf", json!([])), ("format", json!("iban"))]
    {
        let mut field = json!({"type": "string"});
        field[keyword] = value;
        let schema = json!({"type": "object", "properties": {"x": field}, "additionalProperties": false});
        assert!(unsupported(&schema).is_some(), "{keyword}");
    }
    let tree = json!({
        "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}, "additionalProperties": false}},
        "$ref": "#/$defs/n"
    });
    assert!(unsupported(&tree).is_some_and(|wrong| wrong.contains("recursive")));
    let named_minimum =
        json!({"type": "object", "properties": {"minimum": {"type": "number"}}, "additionalProperties": false});
    assert_eq!(unsupported(&named_minimum), None, "a property may be called like a keyword");
}

#[test]
fn strict_mode_wants_every_property() {
    let mut schema = verdicts();
    assert_eq!(closed(&schema), None);
    schema["required"] = json!(["checks"]);
    assert!(closed(&schema).is_some_and(|wrong| wrong.contains("Missing 'note'")));
    schema["additionalProperties"] = json!(true);
    assert!(closed(&schema).is_some_and(|wrong| wrong.contains("additionalProperties")));
}
