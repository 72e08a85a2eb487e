//! Finds numbers in JSON that no origin covers.

use serde_json::{Map, Value};

/// JSON pointers of the numbers in `value` that no origin covers; empty when everything is accounted for.
///
/// A number is accounted for when
/// - its object, or the nearest object around it, has a non-empty `origin` or `basis`;
/// - it lies inside an `origin` (a range, the offset of words in the brief, a line of a file);
/// - its object is a place, that is, has exactly `path` and `line`, or a span, exactly `start` and `end`;
/// - it stands under `/sizing` and `/sizing_origins` has the same key;
/// - it is the `level` of a trust zone, which is a rank and no quantity.
#[must_use]
pub fn json_numbers_without_origin(value: &Value) -> Vec<String> {
    let mut walk = Walk { root: value, found: Vec::new() };
    walk.visit(value, &mut String::new(), &[]);
    walk.found
}

struct Walk<'a> {
    root: &'a Value,
    found: Vec<String>,
}

impl<'a> Walk<'a> {
    /// `around` holds the objects around `value`, the nearest last.
    fn visit(&mut self, value: &'a Value, pointer: &mut String, around: &[&'a Map<String, Value>]) {
        match value {
            Value::Number(_) if !self.accounted_for(pointer, around) => self.found.push(pointer.clone()),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.step(&i.to_string(), item, pointer, around);
                }
            }
            Value::Object(object) => {
                let mut inner = around.to_vec();
                inner.push(object);
                for (key, item) in object {
                    self.step(key, item, pointer, &inner);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, key: &str, item: &'a Value, pointer: &mut String, around: &[&'a Map<String, Value>]) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        self.visit(item, pointer, around);
        pointer.truncate(length);
    }

    fn accounted_for(&self, pointer: &str, around: &[&'a Map<String, Value>]) -> bool {
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        if parts.contains(&"origin") {
            return true;
        }
        if let ["sizing", key] = parts[..] {
            return self.root.pointer(&format!("/sizing_origins/{key}")).is_some_and(has_words);
        }
        if let [.., "zones", _, "level"] = parts[..] {
            return true;
        }
        let nearest = around.last().is_some_and(|object| is_place(object));
        // How many rows scheduled work finds is a part of its access.
        let depth = if parts.iter().rev().nth(1) == Some(&"rows_from") { 3 } else { 2 };
        nearest || around.iter().rev().take(depth).any(|object| is_covered(object))
    }
}

fn is_covered(object: &Map<String, Value>) -> bool {
    object.get("origin").is_some_and(|o| o.is_object() || has_words(o))
        || object.get("basis").is_some_and(has_words)
}

fn is_place(object: &Map<String, Value>) -> bool {
    object.len() == 2
        && (object.contains_key("path") && object.contains_key("line")
            || object.contains_key("start") && object.contains_key("end"))
}

fn has_words(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_numbers_without_an_origin_are_reported() {
        let value = json!({
            "figure": {"value": 3, "unit": "1", "origin": {"assumed": {"low": 1, "high": 5, "because": "x"}}},
            "record": {"replicas": 3, "basis": "sized", "steps": [{"cpu_ms": 2}]},
            "deep": {"basis": "sized", "inner": {"innermost": {"far": 1}}},
            "empty": {"rows": 2, "basis": " "},
            "sizing": {"known": 1, "unknown": 2},
            "sizing_origins": {"known": "computed"},
            "zones": {"data": {"name": "Data", "level": 3}},
            "place": {"path": "a.md", "line": 4},
            "odd/key": [1],
        });
        assert_eq!(
            json_numbers_without_origin(&value),
            ["/deep/inner/innermost/far", "/empty/rows", "/sizing/unknown", "/odd~1key/0"]
        );
    }
}
