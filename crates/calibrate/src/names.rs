//! Whether two names mean the same thing: spans, routes and labels against operations and components.

use loadcase_model::{Blueprint, Id, Operation};

/// Words of a name in small letters, parameters of paths as `{}`.
fn shape(name: &str) -> Vec<String> {
    // What follows the host, without a query.
    let path = name.split_once("://").map_or(name, |(_, rest)| rest.split_once('/').map_or("", |(_, p)| p));
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let is_parameter = |p: &str| {
        p.starts_with([':', '{', '<', '$'])
            || (!p.is_empty() && p.chars().all(|c| c.is_ascii_digit() || c == '-'))
    };
    path.split(['/', ' '])
        .filter(|p| !p.is_empty())
        .map(|p| if is_parameter(p) { "{}".to_owned() } else { p.to_ascii_lowercase() })
        .collect()
}

/// The operation that a name means: its identifier, its name, or its method and path. Of several the first.
pub(crate) fn operation<'a>(blueprint: &'a Blueprint, name: &str) -> Option<&'a Id> {
    let wanted = shape(name);
    let method = |o: &Operation| o.method.as_deref().unwrap_or("").to_ascii_lowercase();
    let fits = |(id, o): &(&Id, &Operation)| {
        let path = o.path.as_deref().map(shape);
        let with_method = path.clone().map(|p| [vec![method(o)], p].concat());
        id.as_str() == name
            || **id == Id::slug(name)
            || o.name.eq_ignore_ascii_case(name)
            || with_method.is_some_and(|p| p == wanted)
            || path.is_some_and(|p| !p.is_empty() && p == wanted)
    };
    blueprint.operations.iter().find(fits).map(|(id, _)| id)
}

/// The component that a name means: its identifier, its name, or the only one of a technology.
pub(crate) fn component<'a>(blueprint: &'a Blueprint, name: &str) -> Option<&'a Id> {
    let slug = Id::slug(name);
    let named = blueprint.components.iter().find(|(id, c)| **id == slug || c.name.eq_ignore_ascii_case(name));
    if let Some((id, _)) = named {
        return Some(id);
    }
    let mut of_kind = blueprint.components.iter().filter(|(_, c)| c.technology.as_ref() == Some(&slug));
    let first = of_kind.next();
    first.filter(|_| of_kind.next().is_none()).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn addresses_routes_and_spans_of_one_path_look_alike() {
        let route = shape("GET /orders/{id}/lines");
        for same in ["GET /orders/:id/lines", "GET /orders/42/lines?page=2", "get /Orders/<int:id>/lines"] {
            assert_eq!(shape(same), route, "{same}");
        }
        assert_eq!(shape("http://127.0.0.1:8080/orders/7"), ["orders", "{}"]);
    }
}
