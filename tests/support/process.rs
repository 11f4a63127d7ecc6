//! What a process is doing, and, on Linux, what is in its memory.

#[cfg(target_os = "linux")]
use std::fs::{self, File};
#[cfg(target_os = "linux")]
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Nothing takes this long unless it hangs.
pub const BOUND: Duration = Duration::from_secs(120);

/// Polls until it is so: neither a file nor a process announces its state.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < BOUND, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
/// Whether a thread is blocked in a system call of this number.
pub fn stands_in(pid: u32, call: u64) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    let wanted = format!("{call} ");
    threads.flatten().any(|thread| {
        fs::read_to_string(thread.path().join("syscall"))
            .is_ok_and(|line| line.starts_with(&wanted))
    })
}

pub fn signal(pid: u32, name: &str) {
    assert!(
        Command::new("kill")
            .args(["-s", name, &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

#[cfg(target_os = "linux")]
/// What can be read of a process.
pub struct Memory {
    /// Start, name and bytes of each memory region.
    pieces: Vec<(u64, String, Vec<u8>)>,
    /// Where the kernel has put the environment.
    environment: std::ops::Range<u64>,
}

#[cfg(target_os = "linux")]
impl Memory {
    /// `None` if this is not allowed.
    pub fn of(pid: u32) -> Option<Memory> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
        let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
        let mut pieces = Vec::new();
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, rights) = (words.next()?, words.next()?);
            let name = words.nth(3).unwrap_or_default();
            // What the kernel shows of itself cannot be read, and has nothing of the program's.
            if !rights.starts_with('r') || name.starts_with("[v") {
                continue;
            }
            let (start, end) = range.split_once('-')?;
            let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
            // Pages of a file that has become shorter cannot be read, which is no fault.
            let read = memory.read_at(&mut bytes, start).ok()?;
            bytes.truncate(read);
            pieces.push((start, name.to_owned(), bytes));
        }
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The third field follows the name of the program, which may contain spaces.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |number: usize| fields[number - 3].parse::<u64>().unwrap();
        Some(Memory {
            pieces,
            environment: field(50)..field(51),
        })
    }

    /// Where these bytes are, outside of the environment that the kernel has put there; and how
    /// often they are in that.
    pub fn find(&self, bytes: &[u8]) -> (Vec<String>, usize) {
        let finder = memchr::memmem::Finder::new(bytes);
        let mut found = Vec::new();
        let mut in_environment = 0;
        for (start, name, piece) in &self.pieces {
            for at in finder.find_iter(piece) {
                let address = start + at as u64;
                if self.environment.contains(&address) {
                    in_environment += 1;
                } else {
                    found.push(format!("{name}+{at:#x}"));
                }
            }
        }
        (found, in_environment)
    }
}
