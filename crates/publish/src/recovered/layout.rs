//! Where things stand in a drawing: zones from left to right, callers left of what they call.
//!
//! The method is that of layered drawings (Sugiyama, Tagawa and Toda 1981) inside each zone: layers by longest
//! path with calls that close a cycle left out, then rows by the mean row of the neighbours.

use std::collections::BTreeMap;

use loadcase_model::{Blueprint, Id};

/// Most boxes in one column; more go to a further column.
const ROWS: usize = 14;
/// How often rows are put in order.
const SWEEPS: usize = 6;
/// Longest chain that gets a column for each of its links.
const LAYERS: usize = 6;

/// A box in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The column, from the left.
    pub(super) column: usize,
    /// The row, from the top.
    pub(super) row: usize,
}

/// A group of neighbouring columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Band {
    /// Name in prose.
    pub(super) name: String,
    /// The first column.
    pub(super) first: usize,
    /// The last column.
    pub(super) last: usize,
}

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    /// Zones with something inside.
    pub(super) bands: Vec<Band>,
    /// Actors and components.
    pub(super) cells: BTreeMap<&'a Id, Cell>,
    /// Boxes in each column.
    pub(super) heights: Vec<usize>,
}

/// Lays a blueprint out.
pub(super) fn layout(blueprint: &Blueprint) -> Layout<'_> {
    let mut columns: Vec<Vec<&Id>> = Vec::new();
    let mut bands = Vec::new();
    for (name, members) in zones(blueprint) {
        let first = columns.len();
        for layer in layers(blueprint, &members) {
            columns.extend(layer.chunks(ROWS).map(<[&Id]>::to_vec));
        }
        bands.push(Band { name, first, last: columns.len() - 1 });
    }
    order(blueprint, &mut columns);
    let cells = columns
        .iter()
        .enumerate()
        .flat_map(|(column, ids)| ids.iter().enumerate().map(move |(row, id)| (*id, Cell { column, row })));
    Layout { bands, cells: cells.collect(), heights: columns.iter().map(Vec::len).collect() }
}

/// Zones by trust with what stands in them; actors and what is the user's own stand outside, before the rest.
fn zones(blueprint: &Blueprint) -> Vec<(String, Vec<&Id>)> {
    let mut zones: Vec<_> = blueprint.zones.iter().collect();
    zones.sort_by_key(|(_, z)| z.level);
    let inside = |zone: &Id| {
        blueprint.components.iter().filter(|(_, c)| c.zone.as_ref() == Some(zone)).map(|(id, _)| id).collect()
    };
    let actors: Vec<&Id> =
        blueprint.actors.keys().filter(|id| !blueprint.components.contains_key(*id)).collect();
    let mut groups = vec![("Outside".to_owned(), actors)];
    groups.extend(zones.into_iter().map(|(id, zone)| (zone.name.clone(), inside(id))));
    let homeless = |z: &Option<Id>| z.as_ref().is_none_or(|z| !blueprint.zones.contains_key(z));
    let rest = blueprint.components.iter().filter(|(_, c)| homeless(&c.zone)).map(|(id, _)| id).collect();
    groups.push(("Without a zone".to_owned(), rest));
    groups.retain(|(_, members)| !members.is_empty());
    groups
}

/// The members of a zone in layers: each right of everything in the zone that calls it.
fn layers<'a>(blueprint: &'a Blueprint, members: &[&'a Id]) -> Vec<Vec<&'a Id>> {
    let index: BTreeMap<&Id, usize> = members.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let mut calls = vec![Vec::new(); members.len()];
    for flow in &blueprint.flows {
        if let (Some(from), Some(to)) = (index.get(&flow.from), index.get(&flow.to))
            && from != to
        {
            calls[*from].push(*to);
        }
    }
    let order = topological(&calls);
    let mut turn = vec![0; members.len()];
    for (position, at) in order.iter().enumerate() {
        turn[*at] = position;
    }
    let mut depth = vec![0usize; members.len()];
    for at in order {
        // A call to something earlier in the order closes a cycle.
        for &to in calls[at].iter().filter(|to| turn[**to] > turn[at]) {
            depth[to] = depth[to].max(depth[at] + 1).min(LAYERS - 1);
        }
    }
    let mut layers: Vec<Vec<&Id>> = Vec::new();
    for (id, depth) in members.iter().zip(depth) {
        if layers.len() <= depth {
            layers.resize(depth + 1, Vec::new());
        }
        layers[depth].push(id);
    }
    layers.retain(|layer| !layer.is_empty());
    layers
}

/// Every index before those it calls, as far as cycles allow: the reverse of the order in which a search leaves
/// them. The search keeps its own stack, because chains can be long.
fn topological(calls: &[Vec<usize>]) -> Vec<usize> {
    let mut left = Vec::with_capacity(calls.len());
    let mut seen = vec![false; calls.len()];
    for start in 0..calls.len() {
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.pop() {
            if next == 0 && std::mem::replace(&mut seen[at], true) {
                continue;
            }
            match calls[at].get(next) {
                Some(&to) => {
                    stack.push((at, next + 1));
                    if !seen[to] {
                        stack.push((to, 0));
                    }
                }
                None => left.push(at),
            }
        }
    }
    left.reverse();
    left
}

/// Puts the boxes of each column in the order of the mean height of their neighbours.
fn order(blueprint: &Blueprint, columns: &mut [Vec<&Id>]) {
    let mut neighbours: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
    for flow in &blueprint.flows {
        neighbours.entry(&flow.from).or_default().push(&flow.to);
        neighbours.entry(&flow.to).or_default().push(&flow.from);
    }
    for sweep in 0..SWEEPS {
        let count = columns.len();
        for i in 0..count {
            let at = if sweep % 2 == 0 { i } else { count - 1 - i };
            let heights = heights(columns);
            let mut weighed: Vec<(f64, usize, &Id)> = columns[at]
                .iter()
                .enumerate()
                .map(|(row, id)| {
                    let around = neighbours.get(id).map_or(&[][..], Vec::as_slice);
                    let known: Vec<f64> = around.iter().filter_map(|n| heights.get(*n).copied()).collect();
                    let own = heights.get(*id).copied().unwrap_or(0.0);
                    let mean = if known.is_empty() {
                        own
                    } else {
                        known.iter().sum::<f64>() / crate::honesty::to_f64(known.len())
                    };
                    (mean, row, *id)
                })
                .collect();
            weighed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            columns[at] = weighed.into_iter().map(|(_, _, id)| id).collect();
        }
    }
}

/// How far down each box stands, as a share of its column.
fn heights<'a>(columns: &[Vec<&'a Id>]) -> BTreeMap<&'a Id, f64> {
    let mut heights = BTreeMap::new();
    for column in columns {
        let rows = crate::honesty::to_f64(column.len());
        for (row, id) in column.iter().enumerate() {
            heights.insert(*id, (crate::honesty::to_f64(row) + 0.5) / rows);
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_come_before_what_they_call_even_in_cycles() {
        assert_eq!(topological(&[vec![1], vec![2], vec![]]), [0, 1, 2]);
        assert_eq!(topological(&[vec![], vec![0], vec![1]]), [2, 1, 0]);
        assert_eq!(topological(&[vec![1], vec![0]]).len(), 2);
    }
}
