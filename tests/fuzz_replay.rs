//! The seeds of the fuzz targets, run as ordinary tests.

use tests::properties::{ALL, seeds};

#[test]
fn every_seed_keeps_its_property() {
    for (target, property) in ALL {
        let seeds = seeds::seeds(target).unwrap_or_else(|error| panic!("{target}: {error}"));
        assert!(seeds.len() > 20, "{target} has only {} seeds", seeds.len());
        for seed in seeds {
            // So that the input is seen above the panic.
            println!("{target}: {}", seed.escape_ascii());
            property(&seed);
        }
    }
}

#[test]
fn truncated_and_doubled_seeds_keep_it_too() {
    for (target, property) in ALL {
        for seed in seeds::seeds(target).unwrap_or_else(|error| panic!("{target}: {error}")) {
            for end in (0..seed.len()).step_by(seed.len() / 8 + 1) {
                println!("{target}: {}", seed[..end].escape_ascii());
                property(&seed[..end]);
            }
            property(&[seed.as_slice(), &seed].concat());
        }
    }
}
