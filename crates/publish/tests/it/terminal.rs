//! The answer on a terminal.

use loadcase_publish::{Screen, terminal};

use crate::fixture;

const SCREEN: Screen = Screen { color: false, unicode: true, width: 80, full: false };

#[test]
fn show() {
    for (d, s) in [
        (fixture::social(), SCREEN),
        (fixture::social(), Screen { unicode: false, width: 100, full: true, ..SCREEN }),
        (fixture::microservices(), SCREEN),
    ] {
        println!("{}\n=================", terminal(&d, &fixture::catalog(), s));
    }
}
