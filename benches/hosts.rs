//! Time to parse store, region and bucket from a host name, without allocations: `cargo bench
//! --bench hosts`.

#![allow(
    missing_docs,
    unsafe_code,
    reason = "an allocator that counts is made of the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cos_presign::store::{guess_host, read_host};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: usize = 101;
const READINGS: usize = 2000;

fn main() {
    println!("{:<62} {:>10} {:>12}", "host", "ns", "allocations");
    for host in [
        "s3.us-south.cloud-object-storage.appdomain.cloud",
        "my-bucket.s3.eu-west-1.amazonaws.com",
        "my-ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
        "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com",
        "my-bucket.s3.oss-cn-hangzhou.aliyuncs.com",
        "st-th-archive.byteark.com",
        "my-bucket.s3.eu-west-7.unknown-store.example",
        "minio.internal.example.com",
    ] {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let mut fastest = f64::INFINITY;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..READINGS {
                let host = black_box(host);
                if black_box(read_host(host)).is_none() {
                    black_box(guess_host(host));
                }
            }
            fastest = fastest.min(start.elapsed().as_nanos() as f64 / READINGS as f64);
        }
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        println!("{host:<62} {fastest:>10.0} {allocations:>12}");
        assert_eq!(allocations, 0, "{host}");
    }
}
