//! The answer on a terminal.

use loadcase_publish::{Screen, terminal, untagged_numbers_in_text};

use crate::fixture;

const SCREEN: Screen = Screen { color: false, unicode: true, width: 80, full: false };

#[test]
fn the_first_screen_is_short_and_fits() {
    for (design, most) in
        [(fixture::social(), 45), (fixture::multi_tenant(), 45), (fixture::microservices(), 45)]
    {
        for width in [80, 100, 120] {
            let text = terminal(&design, &fixture::catalog(), Screen { width, ..SCREEN });
            assert!(text.lines().count() <= most, "{} lines\n{text}", text.lines().count());
            let longest = text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            assert!(longest <= width, "{longest} columns of {width}\n{text}");
        }
    }
}

#[test]
fn the_first_screen_of_the_social_product() {
    insta::assert_snapshot!(terminal(&fixture::social(), &fixture::catalog(), SCREEN));
}

#[test]
fn everything_in_ascii() {
    let screen = Screen { unicode: false, width: 100, full: true, ..SCREEN };
    insta::assert_snapshot!(terminal(&fixture::social(), &fixture::catalog(), screen));
}

#[test]
fn many_services_are_still_a_picture() {
    insta::assert_snapshot!(terminal(&fixture::microservices(), &fixture::catalog(), SCREEN));
}

#[test]
fn every_number_on_a_terminal_has_its_letter() {
    let (catalog, designs) = fixture::domains();
    for full in [false, true] {
        for design in &designs {
            let text = terminal(design, &catalog, Screen { full, width: 100, ..SCREEN });
            assert_eq!(untagged_numbers_in_text(&text), Vec::<String>::new(), "{}", design.blueprint.name);
        }
    }
}

#[test]
fn colour_changes_no_word() {
    let (design, catalog) = (fixture::social(), fixture::catalog());
    let colored = terminal(&design, &catalog, Screen { color: true, full: true, ..SCREEN });
    let mut bare = colored.clone();
    for code in ["0", "1", "2", "31", "32"] {
        bare = bare.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_ne!(colored, bare);
    assert_eq!(bare, terminal(&design, &catalog, Screen { full: true, ..SCREEN }));
}
