//! Every input of the fuzz corpora, checked with the same properties: inputs with high coverage,
//! and all that once failed. See `fuzz/README.md`.

use std::fs;
use std::panic;
use std::path::Path;

#[path = "../../fuzz/oracles.rs"]
mod oracles;

fn replay(target: &str, law: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("a corpus")
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    let breaks_law = |file: &&std::path::PathBuf| {
        let input = fs::read(file).unwrap();
        panic::catch_unwind(|| law(&input)).is_err()
    };
    let broken: Vec<_> = files.iter().filter(breaks_law).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

macro_rules! corpora {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target), oracles::$target);
            }
        )*

        /// Every corpus must be replayed.
        #[test]
        fn every_target_is_replayed() {
            let mut targets: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets"))
                .expect("the targets")
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            targets.sort();
            assert_eq!(targets, [$(stringify!($target)),*]);
        }
    };
}

corpora! { diagnosis encoding manifest policy response signature sources target template transcript url }
