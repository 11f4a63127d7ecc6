//! Options of the linker for the program. Other programs that use the library get none of them.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let is_program = std::env::var_os("CARGO_FEATURE_CLI").is_some();
    if is_program && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        // Finding and loading libgcc_s takes a tenth of the time in which a link is made. Of it the
        // program needs only the unwinder, which fits in: where that is found first, the linker
        // leaves the shared library out.
        println!("cargo:rustc-link-arg-bins=-l:libgcc_eh.a");
    }
}
