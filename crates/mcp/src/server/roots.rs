//! The folders a server may touch. Everything a caller names is resolved, links and all, and must lie inside one.

use std::path::{Component, Path, PathBuf};

use super::refusal::Refusal;

/// Longest path accepted, bytes.
const LONGEST: usize = 4096;

/// The folders given at start.
#[derive(Clone, Debug)]
pub struct Roots(Vec<PathBuf>);

impl Roots {
    /// Takes the folders as they are now; a relative path of a caller starts at the first.
    ///
    /// # Errors
    /// The folder that is not there or is no folder, and why.
    pub fn new(folders: &[PathBuf]) -> Result<Self, (PathBuf, std::io::Error)> {
        let mut roots = Vec::new();
        for folder in folders {
            let real = folder.canonicalize().map_err(|e| (folder.clone(), e))?;
            if !real.is_dir() {
                return Err((folder.clone(), std::io::Error::from(std::io::ErrorKind::NotADirectory)));
            }
            if !roots.contains(&real) {
                roots.push(real);
            }
        }
        Ok(Self(roots))
    }

    /// The first folder: where relative paths start.
    #[must_use]
    pub fn first(&self) -> Option<&Path> {
        self.0.first().map(PathBuf::as_path)
    }

    /// The folders as text, for messages.
    #[must_use]
    pub fn listed(&self) -> String {
        self.0.iter().map(|r| r.display().to_string()).collect::<Vec<_>>().join(", ")
    }

    /// What a caller named, which must be there.
    ///
    /// # Errors
    /// When it is not there or lies outside.
    pub fn existing(&self, named: &str) -> Result<PathBuf, Refusal> {
        let path = self.absolute(named)?;
        let real = path.canonicalize().map_err(|e| {
            let message =
                if self.holds(&path) { format!("cannot read `{named}`: {e}") } else { outside(named) };
            Refusal::new(message, self.advice())
        })?;
        self.inside(real, named)
    }

    /// Where a caller wants something written; it need not be there yet.
    ///
    /// # Errors
    /// When it would lie outside, now or through a link.
    pub fn output(&self, named: &str) -> Result<PathBuf, Refusal> {
        let path = self.absolute(named)?;
        if path.components().any(|c| matches!(c, Component::ParentDir)) {
            return Err(Refusal::new(
                format!("`{named}` goes up with `..`"),
                "name the output folder without `..`",
            ));
        }
        let mut there = path.clone();
        let mut rest = Vec::new();
        // A link that leads nowhere is there as a link: it must not be written through.
        while !there.exists() && !there.is_symlink() {
            let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else { break };
            rest.push(name.to_owned());
            there = parent.to_owned();
        }
        let real = there.canonicalize().map_err(|_| Refusal::new(outside(named), self.advice()))?;
        let mut real = self.inside(real, named)?;
        real.extend(rest.into_iter().rev());
        Ok(real)
    }

    fn absolute(&self, named: &str) -> Result<PathBuf, Refusal> {
        let Some(first) = self.first() else {
            return Err(Refusal::new(
                "this server was started without a folder",
                "pass the text itself, or start the server with --root FOLDER",
            ));
        };
        if named.is_empty() || named.len() > LONGEST || named.contains('\0') {
            return Err(Refusal::new("the path is empty, too long or no path", self.advice()));
        }
        Ok(first.join(named))
    }

    fn inside(&self, real: PathBuf, named: &str) -> Result<PathBuf, Refusal> {
        if self.holds(&real) { Ok(real) } else { Err(Refusal::new(outside(named), self.advice())) }
    }

    fn holds(&self, path: &Path) -> bool {
        let climbs = path.components().any(|c| matches!(c, Component::ParentDir));
        !climbs && self.0.iter().any(|root| path.starts_with(root))
    }

    fn advice(&self) -> String {
        format!("name a path inside {}; relative paths start at the first", self.listed())
    }
}

fn outside(named: &str) -> String {
    format!("`{named}` lies outside the folders this server may touch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_inside_is_reached_through_links_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("in");
        std::fs::create_dir_all(inner.join("src")).expect("made");
        std::fs::create_dir_all(folder.path().join("in-not")).expect("made");
        std::fs::write(folder.path().join("secret"), "x").expect("written");
        let roots = Roots::new(std::slice::from_ref(&inner)).expect("roots");
        let real = inner.canonicalize().expect("there");
        assert_eq!(roots.existing("src").expect("inside"), real.join("src"));
        assert_eq!(roots.output("docs/backend").expect("inside"), real.join("docs/backend"));
        for bad in
            ["..", "../secret", "../in-not", "/etc/passwd", "/nonexistent", "src/../../secret", "", "a\0b"]
        {
            assert!(roots.existing(bad).is_err(), "{bad:?}");
        }
        for bad in ["..", "../out", "/tmp", "src/../../out", "/", "a/../../../x"] {
            assert!(roots.output(bad).is_err(), "{bad:?}");
        }
        // Whether something outside exists is not told.
        let message = |path: &str| roots.existing(path).expect_err("outside").message;
        assert!(message("/etc/passwd").contains("outside"));
        assert!(message("/etc/no-such-file").contains("outside"));
        assert!(message("missing").contains("cannot read"));
    }

    #[cfg(unix)]
    #[test]
    fn links_out_are_not_followed_for_reading_or_writing() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("in");
        std::fs::create_dir_all(&inner).expect("made");
        std::os::unix::fs::symlink(folder.path(), inner.join("up")).expect("linked");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), inner.join("dangling")).expect("linked");
        let roots = Roots::new(&[inner]).expect("roots");
        assert!(roots.existing("up").is_err());
        assert!(roots.output("up/new").is_err());
        assert!(roots.output("dangling").is_err());
        assert!(roots.output("dangling/deeper").is_err());
    }
}
