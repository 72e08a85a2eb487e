//! Where the programs of PostgreSQL are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Folders in which packages keep the programs of each version.
const HOMES: [&str; 3] = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"];

/// The folder with the server's programs: on `PATH`, else the newest version installed beside it.
pub(crate) fn programs(path: Option<&OsStr>) -> Option<PathBuf> {
    let on_path = path.into_iter().flat_map(std::env::split_paths).find(|bin| complete(bin));
    on_path.or_else(|| {
        let mut found: Vec<(u32, PathBuf)> =
            HOMES.iter().flat_map(|home| versions(Path::new(home))).collect();
        found.sort();
        found.pop().map(|(_, bin)| bin)
    })
}

/// Versions below a folder, with their programs.
fn versions(home: &Path) -> Vec<(u32, PathBuf)> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.trim_start_matches("postgresql@").parse().ok()?;
            let bin = entry.path().join("bin");
            complete(&bin).then_some((version, bin))
        })
        .collect()
}

fn complete(bin: &Path) -> bool {
    bin.is_absolute() && ["initdb", "pg_ctl", "postgres"].iter().all(|program| bin.join(program).is_file())
}

/// The first folder that has a program.
pub(crate) fn program(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let usual = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    path.into_iter().flat_map(std::env::split_paths).chain(usual).map(|f| f.join(name)).find(|p| p.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_counts_as_a_number() {
        let folder = tempfile::tempdir().expect("a folder");
        for version in ["9", "15", "17", "data"] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).expect("made");
            for program in ["initdb", "pg_ctl", "postgres"] {
                std::fs::write(bin.join(program), "").expect("written");
            }
        }
        let mut found = versions(folder.path());
        found.sort();
        assert_eq!(found.iter().map(|(v, _)| *v).collect::<Vec<_>>(), [9, 15, 17]);
        let first = folder.path().join("15").join("bin");
        assert_eq!(programs(Some(first.as_os_str())), Some(first));
    }
}
