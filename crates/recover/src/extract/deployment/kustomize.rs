//! Kustomize and Skaffold around manifests: what is applied by default, which images are put in, which are built.

use crate::source::Source;
use crate::template::resolve;
use crate::yaml::{Node, document, documents};

/// What surrounds the manifests of a folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    /// Whether the manifests are applied only when asked for.
    pub(super) optional: bool,
    /// Images.
    pub(super) images: Images,
}

/// Images that are replaced or built.
#[derive(Clone, Debug, Default)]
pub(super) struct Images {
    /// Name as written, what is put in its place.
    replaced: Vec<(String, String)>,
    /// Name, folder it is built from.
    built: Vec<(String, String)>,
}

impl Images {
    /// The image as it is applied.
    pub(super) fn replaced(&self, image: &str) -> String {
        let (name, rest) = parts(image);
        match self.replaced.iter().find(|(n, _)| n == name) {
            Some((_, new)) if new.contains([':', '@']) => new.clone(),
            Some((_, new)) => format!("{new}{rest}"),
            None => image.to_owned(),
        }
    }

    /// The folder an image is built from in this repository.
    pub(super) fn built(&self, image: &str) -> Option<String> {
        let name = parts(image).0;
        let leaf = |n: &str| n.rsplit('/').next().unwrap_or(n).to_owned();
        let exact = self.built.iter().find(|(n, _)| n == name);
        exact.or_else(|| self.built.iter().find(|(n, _)| leaf(n) == leaf(name))).map(|(_, f)| f.clone())
    }
}

/// An image's name, and its tag or digest with the sign before it.
fn parts(image: &str) -> (&str, &str) {
    let cut = image.rfind('/').map_or(0, |i| i + 1);
    let tail = image.get(cut..).unwrap_or("");
    match tail.find([':', '@']).and_then(|at| image.split_at_checked(cut + at)) {
        Some(split) => split,
        None => (image, ""),
    }
}

/// The names a kustomization may have.
const NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Deepest folder whose parents are searched.
const DEPTH: usize = 12;

/// Reads what surrounds a file.
pub(super) fn of(source: &Source<'_>) -> Around {
    let mut around =
        Around { images: Images { built: artifacts(source), ..Images::default() }, ..Around::default() };
    let folders: Vec<String> = ancestors(source.folder());
    let Some((at, nearest)) = folders.iter().enumerate().find_map(|(i, f)| Some((i, read(source, f)?)))
    else {
        return around;
    };
    around.images.replaced = images(&nearest);
    let own = folders.get(at).map_or("", String::as_str);
    let above = folders.get(at + 1..).unwrap_or_default();
    around.optional = if nearest.text_of("kind") == Some("Component") {
        !above.iter().any(|f| uses(source, f, own))
    } else {
        is_overlay(source, own)
    };
    around
}

/// A folder and those above it, the nearest first.
fn ancestors(folder: &str) -> Vec<String> {
    let mut out = vec![folder.to_owned()];
    let mut at = folder;
    while let Some((parent, _)) = at.rsplit_once('/') {
        out.push(parent.to_owned());
        at = parent;
        if out.len() >= DEPTH {
            break;
        }
    }
    if !at.is_empty() {
        out.push(String::new());
    }
    out
}

fn read(source: &Source<'_>, folder: &str) -> Option<Node> {
    let path = NAMES.iter().filter_map(|n| crate::source::join(folder, n)).find(|p| source.tree.has(p))?;
    document(&source.other(&path)?)
}

/// Whether the kustomization of a folder lists another folder.
fn uses(source: &Source<'_>, folder: &str, other: &str) -> bool {
    let Some(node) = read(source, folder) else { return false };
    ["components", "resources", "bases"].iter().any(|key| {
        let list = node.get(key).map(Node::list).unwrap_or_default();
        list.iter().filter_map(Node::text).any(|p| crate::source::join(folder, p).as_deref() == Some(other))
    })
}

/// Whether a folder is an overlay beside a base.
fn is_overlay(source: &Source<'_>, folder: &str) -> bool {
    let parts: Vec<&str> = folder.split('/').collect();
    let Some(at) = parts
        .iter()
        .position(|p| matches!(*p, "overlays" | "overlay" | "environments" | "envs" | "variants"))
    else {
        return false;
    };
    let parent = parts.get(..at).unwrap_or_default().join("/");
    ["base", "bases"]
        .iter()
        .any(|b| crate::source::join(&parent, b).is_some_and(|p| source.tree.has_folder(&p)))
}

/// The images a kustomization puts in.
fn images(node: &Node) -> Vec<(String, String)> {
    let one = |image: &Node| {
        let name = image.text_of("name")?;
        let new = image.text_of("newName").unwrap_or(name);
        let tag = image.text_of("newTag").map(|t| format!(":{t}"));
        let digest = image.text_of("digest").map(|d| format!("@{d}"));
        Some((name.to_owned(), format!("{new}{}", digest.or(tag).unwrap_or_default())))
    };
    node.get("images").map(Node::list).unwrap_or_default().iter().filter_map(one).collect()
}

/// The images that Skaffold builds, with their folders.
fn artifacts(source: &Source<'_>) -> Vec<(String, String)> {
    let Some(text) = source.other("skaffold.yaml").or_else(|| source.other("skaffold.yml")) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for doc in documents(&text).0 {
        for artifact in doc.at(&["build", "artifacts"]).map(Node::list).unwrap_or_default() {
            let Some(image) = artifact.text_of("image") else { continue };
            let context = artifact.text_of("context").unwrap_or(".");
            let dockerfile = artifact.at(&["docker", "dockerfile"]).and_then(Node::text);
            let folder = dockerfile.and_then(|d| d.rsplit_once('/')).map_or("", |(f, _)| f);
            let context = resolve(context, &|_| None);
            if let Some(folder) = crate::source::join(&context, folder) {
                out.push((parts(image).0.to_owned(), folder));
            }
        }
    }
    out
}
