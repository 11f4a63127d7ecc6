//! Options of the linker for the program. Other programs that use the library get none of them.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_program = env::var_os("CARGO_FEATURE_CLI").is_some();
    if !is_program || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    // A static program is linked with the unwinder anyway; `-C relocation-model=static` fixes its
    // address.
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE")
        .is_ok_and(|features| features.split(',').any(|feature| feature == "crt-static"));
    if is_static {
        return;
    }
    // Finding and loading libgcc_s takes a tenth of the time in which a URL is signed. The program
    // needs only the unwinder of it, which the static archive has. The linker sees the shared
    // library first, and would take its symbols before those of an archive that it may skip.
    for arg in [
        "-Wl,--whole-archive",
        "-l:libgcc_eh.a",
        "-Wl,--no-whole-archive",
    ] {
        println!("cargo:rustc-link-arg-bins={arg}");
    }
    // At a fixed address the loader has nothing to relocate: 20,000 pointers on 130 pages, which
    // takes as long as everything that `get` does. See "One URL" of docs/performance.md for what
    // that costs in safety.
    if is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
