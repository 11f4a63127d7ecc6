//! The only reader of process state: variables, home, clock, terminal, standard input. A test can
//! therefore run the whole program twice in one process with different environments.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use zeroize::Zeroize;

use crate::error::{Failure, Kind, REPORT_IT};
#[cfg(unix)]
use crate::threads;

/// A snapshot of the process: variables, home, clock, terminal.
pub struct Env {
    /// Sorted, because a hash table costs more at start than it saves.
    variables: BTreeMap<OsString, OsString>,
    /// The time.
    pub now: DateTime<Utc>,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Whether standard output is.
    pub stdout_is_terminal: bool,
    stdin: Mutex<Box<dyn Read + Send>>,
    /// Whether this is the environment of a real process, with signals and a standard output.
    is_of_process: bool,
}

/// A line of standard input over the length limit.
pub struct LongLine {
    number: u64,
    limit: u64,
}

impl From<LongLine> for Failure {
    fn from(line: LongLine) -> Failure {
        Failure::usage(format!(
            "line {} of standard input is longer than {} MiB, the maximum for a URL",
            line.number,
            line.limit >> 20
        ))
        .hint("pass one URL per line")
    }
}

/// Skips the rest of a line.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes.is_empty() {
            return Ok(());
        }
        let end = bytes.iter().position(|b| *b == b'\n');
        let used = end.map_or(bytes.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Standard input; each use takes the lock.
struct Stdin<'a>(&'a Env);

impl Read for Stdin<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0
            .stdin
            .lock()
            .map_err(|_| io::Error::other("standard input is in use"))?
            .read(into)
    }
}

/// Whether two names are those of one variable: Windows ignores their case.
fn is_same_name(one: &OsStr, other: &OsStr) -> bool {
    match cfg!(windows) {
        true => one.eq_ignore_ascii_case(other),
        false => one == other,
    }
}

/// Variables may be secrets, so the copies are wiped.
impl Drop for Env {
    fn drop(&mut self) {
        for value in std::mem::take(&mut self.variables).into_values() {
            value.into_encoded_bytes().zeroize();
        }
    }
}

/// Standard input without the buffer of the standard library, in which a secret would remain.
fn stdin() -> Box<dyn Read + Send> {
    #[cfg(unix)]
    if let Ok(own) = own_handle(&io::stdin()) {
        return Box::new(own);
    }
    Box::new(io::stdin())
}

/// Whether the process was started without a standard output (`>&-`).
#[cfg(unix)]
static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Runs before the runtime of the language, which opens `/dev/null` in place of a closed standard
/// stream. After that, URLs that go nowhere would look like a success.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn note_closed_stdout() {
    let is_closed = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err();
    STDOUT_WAS_CLOSED.store(is_closed, Ordering::Relaxed);
}

/// Standard output, buffered and locked until the end of the process. Every write fails if it was
/// closed before the process started.
pub fn stdout() -> Box<dyn Write> {
    #[cfg(unix)]
    if STDOUT_WAS_CLOSED.load(Ordering::Relaxed) {
        return Box::new(ClosedStdout);
    }
    Box::new(BufWriter::new(io::stdout().lock()))
}

/// A standard output that was closed before the process started.
#[cfg(unix)]
struct ClosedStdout;

#[cfg(unix)]
impl Write for ClosedStdout {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::NotConnected, "it is closed"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A standard stream without the buffer and the lock of the standard library.
#[cfg(unix)]
fn own_handle(stream: &impl std::os::fd::AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

/// Child processes, including those started by libraries, do not inherit standard input: its data
/// is for this program, which keeps its own handle to it.
///
/// # Errors
/// The error of the operating system.
#[cfg(unix)]
pub fn keep_stdin_from_children() -> io::Result<()> {
    rustix::stdio::dup2_stdin(File::open("/dev/null")?).map_err(Into::into)
}

/// Does nothing where `/dev/null` does not exist.
#[cfg(windows)]
fn own_handle(stream: &impl std::os::windows::io::AsHandle) -> io::Result<File> {
    stream.as_handle().try_clone_to_owned().map(File::from)
}

/// Disables core dumps: a crash would write the memory of the process, and its secrets, to a file.
/// Attaching to the running process stays possible, since the same user can read the credential
/// file.
pub fn leave_no_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Core);
        // If that is forbidden, nothing is lost.
        let _ = setrlimit(
            Resource::Core,
            Rlimit {
                current: Some(0),
                maximum,
            },
        );
    }
}

/// Reports a panic like every other error, by its source location only: the panic message can
/// contain parts of a URL or a file. `RUST_BACKTRACE` adds the backtrace.
pub fn end_on_faults() {
    std::panic::set_hook(Box::new(|fault| {
        let place = fault
            .location()
            .map(|place| format!(" at {}:{}", place.file(), place.line()))
            .unwrap_or_default();
        let trace = Backtrace::capture();
        let trace = if trace.status() == BacktraceStatus::Captured {
            format!("{trace}")
        } else {
            String::new()
        };
        say_beside_main(&format!(
            "error: internal error{place}\nhint: {REPORT_IT}\n{trace}"
        ));
        std::process::exit(Kind::Internal.exit_code().into());
    }));
}

/// For threads other than the main one, which holds the lock of standard error.
fn say_beside_main(text: &str) {
    if let Ok(mut stderr) = own_handle(&io::stderr()) {
        let _ = stderr.write_all(text.as_bytes());
    }
}

/// The paths in the value of a variable such as `PATH`.
pub fn split_paths(value: &Path) -> impl Iterator<Item = PathBuf> {
    std::env::split_paths(value)
}

impl Env {
    /// The environment of this process.
    pub fn of_process() -> Env {
        Env {
            variables: std::env::vars_os().collect(),
            now: Utc::now(),
            stderr_is_terminal: io::stderr().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stdin: Mutex::new(stdin()),
            is_of_process: true,
        }
    }

    /// An environment for tests.
    pub fn new<V: Into<OsString>>(
        variables: impl IntoIterator<Item = (V, V)>,
        now: DateTime<Utc>,
        stdin: impl Read + Send + 'static,
    ) -> Env {
        Env {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            now,
            stderr_is_terminal: false,
            stdout_is_terminal: false,
            stdin: Mutex::new(Box::new(stdin)),
            is_of_process: false,
        }
    }

    /// Whether this is a real process, which may use the network and prompt the user.
    pub fn is_of_process(&self) -> bool {
        self.is_of_process
    }

    /// Standard input as a stream.
    pub fn stdin(&self) -> Box<dyn Read + Send + '_> {
        Box::new(Stdin(self))
    }

    /// Unbuffered standard output of a real process.
    pub fn stdout_file(&self) -> Option<File> {
        if !self.is_of_process {
            return None;
        }
        #[cfg(unix)]
        if STDOUT_WAS_CLOSED.load(Ordering::Relaxed) {
            return None;
        }
        let file = own_handle(&io::stdout()).ok()?;
        // A pipe of 64 KiB makes writer and reader take turns. Failing to enlarge it is harmless.
        #[cfg(target_os = "linux")]
        let _ = rustix::pipe::fcntl_setpipe_size(&file, 1 << 20);
        Some(file)
    }

    /// Ends the process between two records when it is interrupted: the writer holds the lock, and
    /// the first signal waits for it. A second signal does not. `say` returns the last line for
    /// standard error.
    ///
    /// # Errors
    /// The system refuses a thread that waits for the signal.
    pub fn end_on_signals<T: Send + 'static>(
        &self,
        lock: Arc<Mutex<T>>,
        say: impl Fn(&T) -> String + Send + 'static,
    ) -> Result<(), Failure> {
        #[cfg(unix)]
        if self.is_of_process
            && let Ok(mut signals) = signal_hook::iterator::Signals::new([
                signal_hook::consts::SIGHUP,
                signal_hook::consts::SIGINT,
                signal_hook::consts::SIGTERM,
            ])
        {
            threads::start_aside(move || {
                let Some(signal) = signals.forever().next() else {
                    return;
                };
                loop {
                    if let Ok(state) = lock.try_lock() {
                        say_beside_main(&format!("{}\n", say(&state)));
                        std::process::exit(128 + signal);
                    }
                    if signals.pending().next().is_some() {
                        std::process::exit(128 + signal);
                    }
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            })?;
        }
        #[cfg(not(unix))]
        let _ = (lock, say);
        Ok(())
    }

    /// The value of a variable, which may be empty.
    fn value(&self, name: &str) -> Option<&OsStr> {
        let name = OsStr::new(name);
        let found = match cfg!(windows) {
            true => {
                let mut all = self.variables.iter();
                all.find_map(|(known, value)| is_same_name(known, name).then_some(value))
            }
            false => self.variables.get(name),
        };
        found.map(OsString::as_os_str)
    }

    /// A variable; an empty one counts as unset, as in the AWS tools.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// A variable that must be UTF-8.
    ///
    /// # Errors
    /// If its value is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.variable(name) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some(text) => Ok(Some(text)),
                None => Err(
                    Failure::configuration(format!("the value of `{name}` is not UTF-8")).hint(
                        format!("set `{name}` again, or remove it from the environment"),
                    ),
                ),
            },
        }
    }

    /// A variable that names a file.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from)
    }

    /// A variable that names a file, with `~` and `$VARIABLE` in it resolved, as AWS's tools do.
    pub fn expanded_path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variable(name)?;
        let Some(text) = value.to_str() else {
            return Some(value.into());
        };
        Some(self.under_home(&self.with_variables(text)))
    }

    /// A path with a leading `~` replaced by the home directory, for paths that no shell has
    /// expanded.
    pub fn under_home(&self, text: &str) -> PathBuf {
        let rest = text
            .strip_prefix('~')
            .filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match (rest, self.home()) {
            (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
            _ => PathBuf::from(text),
        }
    }

    /// Replaces `$NAME` and `${NAME}` by their values; unset ones are kept.
    fn with_variables(&self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            whole.push_str(before);
            let (name, behind) = match after
                .strip_prefix('{')
                .and_then(|in_braces| in_braces.split_once('}'))
            {
                Some((name, behind)) => (name, behind),
                None => after.split_at(after.find(|c| !is_part(c)).unwrap_or(after.len())),
            };
            match self.value(name).and_then(OsStr::to_str) {
                Some(value) => whole.push_str(value),
                None => {
                    whole.push('$');
                    whole.push_str(&after[..after.len() - behind.len()]);
                }
            }
            rest = behind;
        }
        whole + rest
    }

    /// Vendor strings of the hardware and firmware, which identify the cloud of a virtual machine.
    pub fn machine_makers(&self) -> Vec<String> {
        let files = [
            "/sys/class/dmi/id/sys_vendor",
            "/sys/class/dmi/id/bios_version",
        ];
        let read = |path| std::fs::read_to_string(path).ok();
        files
            .into_iter()
            .filter(|_| self.is_of_process && cfg!(target_os = "linux"))
            .filter_map(read)
            .collect()
    }

    /// Prompts on the terminal for a line, whatever standard input and output are; `None` without a
    /// terminal.
    ///
    /// # Errors
    /// The I/O error of reading or writing.
    pub fn ask(&self, question: &str) -> io::Result<Option<String>> {
        let name = if cfg!(windows) { "CONIN$" } else { "/dev/tty" };
        let Some(input) = self.is_of_process.then(|| File::open(name).ok()).flatten() else {
            return Ok(None);
        };
        // The terminal, not standard error: that may be a file.
        let mut output = std::fs::OpenOptions::new()
            .write(true)
            .open(if cfg!(windows) { "CONOUT$" } else { name })?;
        write!(output, "{question}")?;
        output.flush()?;
        let mut line = String::new();
        io::BufReader::new(input.take(4096)).read_line(&mut line)?;
        Ok(Some(line.trim().to_owned()))
    }

    /// Names of the variables with this prefix, without the prefix.
    pub fn names_after(&self, beginning: &str) -> Vec<String> {
        let names = self.variables.keys().filter_map(|name| {
            let (first, rest) = name.to_str()?.split_at_checked(beginning.len())?;
            is_same_name(first.as_ref(), beginning.as_ref()).then_some(rest)
        });
        names.map(str::to_owned).collect()
    }

    /// The working directory.
    pub fn working_directory(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }

    /// The user's home directory. On Windows, where shells of other systems also set `HOME`, it is
    /// the profile, as in the tools of AWS.
    pub fn home(&self) -> Option<PathBuf> {
        let [first, second] = match cfg!(windows) {
            true => ["USERPROFILE", "HOME"],
            false => ["HOME", "USERPROFILE"],
        };
        self.path(first).or_else(|| self.path(second))
    }

    /// Standard input line by line, without line ends. A line over the limit is passed as its line
    /// number.
    ///
    /// # Errors
    /// The I/O error of reading, or the error of the closure.
    pub fn each_line<E: From<io::Error>>(
        &self,
        limit: u64,
        mut take: impl FnMut(Result<&[u8], LongLine>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut stdin = self
            .stdin
            .lock()
            .map_err(|_| io::Error::other("standard input is in use"))?;
        let mut reader = io::BufReader::new(stdin.as_mut());
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader
                .by_ref()
                .take(limit + 1)
                .read_until(b'\n', &mut line)?
                == 0
            {
                return Ok(());
            }
            if line.len() as u64 > limit {
                if !line.ends_with(b"\n") {
                    skip_line(&mut reader)?;
                }
                take(Err(LongLine { number, limit }))?;
                continue;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            take(Ok(text.strip_suffix(b"\r").unwrap_or(text)))?;
        }
        Ok(())
    }

    /// All of standard input, up to a limit.
    ///
    /// # Errors
    /// The I/O error of reading.
    pub fn read_stdin(&self, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut stdin = self
            .stdin
            .lock()
            .map_err(|_| io::Error::other("standard input is in use"))?;
        stdin.as_mut().take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
