//! URLs per second on one core: this crate compared with other signers, and all compared with
//! SHA-256.
//!
//! `cargo run --release --manifest-path benches/compare/Cargo.toml`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise"
)]

mod case;
mod ours;
mod programs;
mod rival;
mod rust;
mod scripts;

use case::Case;
use cos_presign::sigv4::Kernel;

/// The reference rows of the ratios.
const BULK: usize = 0;
const ONE: usize = 1;

fn main() {
    let case = Case::new();
    let mut rivals = vec![
        ours::bulk(&case, Kernel::fastest()),
        ours::signer(&case),
        ours::one_at_a_time(&case),
        ours::limit(&case),
    ];
    if Kernel::fastest() != Kernel::portable() {
        rivals.push(ours::bulk(&case, Kernel::portable()));
    }
    rivals.extend([
        rust::rusty_s3(&case),
        rust::aws_sigv4(&case),
        rust::rust_s3(&case),
    ]);
    rivals.extend(scripts::all(&case));

    println!(
        "a URL of {} bytes, a key of {}; {}",
        length(&rivals[ONE]),
        case.keys[0].len(),
        machine()
    );
    println!(
        "{:<48} {:>8} {:>8} {:>12}  beside ours",
        "one core", "bulk is", "one is", "links/s"
    );
    // A signer with a different result is excluded.
    let remarks: Vec<String> = rivals
        .iter_mut()
        .map(|rival| checked(&case, rival))
        .collect();
    let rates = rival::race(&mut rivals);
    for ((rival, rate), remark) in rivals.iter().zip(&rates).zip(remarks) {
        match (rate, rates[BULK], rates[ONE]) {
            (Some(rate), Some(bulk), Some(one)) => {
                println!(
                    "{:<48} {:>7.2}x {:>7.3}x {rate:>12.0}  {remark}",
                    rival.name,
                    bulk / rate,
                    one / rate
                );
            }
            _ => println!("{:<48} {remark}", rival.name),
        }
    }
    println!();
    programs::print();
}

fn length(rival: &rival::Rival) -> usize {
    rival.url.as_ref().map_or(0, String::len)
}

/// A remark about another signer, which is excluded if its URL is wrong.
fn checked(case: &Case, rival: &mut rival::Rival) -> String {
    if let Err(why) = &rival.sign {
        return why.clone();
    }
    let Some(url) = &rival.url else {
        return String::new();
    };
    match case.check(url) {
        Ok(remark) => remark,
        Err(why) => {
            rival.sign = Err(why.clone());
            why
        }
    }
}

fn machine() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("sha") {
        return "the processor has SHA extensions";
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("sha2") {
        return "the processor has SHA-2 instructions";
    }
    "the processor has no SHA instructions"
}
