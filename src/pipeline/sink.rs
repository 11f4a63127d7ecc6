//! Output with a reliable count of the whole records written, even on interruption.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Progress of the output. While it is locked no record is partially written.
#[derive(Debug, Default)]
pub struct Tally {
    /// URLs written.
    pub links: u64,
    /// Records read.
    pub records: u64,
    /// Records not signed.
    pub rejected: u64,
    /// Bytes of input.
    pub bytes: u64,
}

/// A failed write, and how much was written.
#[derive(Debug)]
pub struct WriteFailure {
    /// The error of the system.
    pub error: io::Error,
    /// Bytes of whole records of this output written before.
    pub whole: usize,
}

/// Destination of the output.
pub enum Sink<'a> {
    /// A file, pipe or terminal of this process, written without a buffer, so the number of written
    /// bytes is exact.
    Direct(File),
    /// Any other writer.
    Given(&'a mut dyn Write),
}

impl Sink<'_> {
    /// Writes whole records, while the tally is locked. If not all can be written, `cut` determines
    /// the whole records, and a partial record at the end of a file is removed.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn write(
        &mut self,
        tally: &Arc<Mutex<Tally>>,
        bytes: &[u8],
        cut: impl Fn(&[u8]) -> usize,
        count: impl FnOnce(&mut Tally),
    ) -> Result<(), WriteFailure> {
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = 0;
        while written < bytes.len() {
            match self.writer().write(&bytes[written..]) {
                Ok(0) => {
                    return Err(self.failed(
                        io::ErrorKind::WriteZero.into(),
                        &bytes[..written],
                        cut,
                    ));
                }
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error, &bytes[..written], cut)),
            }
        }
        count(&mut tally);
        Ok(())
    }

    /// This sink has no buffer, but its writer may have one.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Sink::Direct(file) => file,
            Sink::Given(writer) => writer,
        }
    }

    fn failed(
        &mut self,
        error: io::Error,
        written: &[u8],
        cut: impl Fn(&[u8]) -> usize,
    ) -> WriteFailure {
        let whole = cut(written);
        if let Sink::Direct(file) = self {
            let _ = take_back(file, written.len() - whole);
        }
        WriteFailure { error, whole }
    }
}

/// Removes this many bytes from the end of a regular file. For a pipe this is impossible; its
/// reader has the bytes.
fn take_back(file: &mut File, count: usize) -> io::Result<()> {
    if count == 0 || !file.metadata()?.is_file() {
        return Ok(());
    }
    let end = file.stream_position()?;
    // Only what was just written, and only if nothing was written after it.
    if file.metadata()?.len() == end {
        let whole = end - count as u64;
        file.set_len(whole)?;
        file.seek(SeekFrom::Start(whole))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepts this many bytes and no more.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let count = bytes.len().min(self.0).min(3);
            self.0 -= count;
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_is_known_how_many_whole_records_were_written() {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let cut = |bytes: &[u8]| memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let mut full = Full(8);
        let mut sink = Sink::Given(&mut full);
        sink.write(&tally, b"ab\n", cut, |tally| tally.links += 1)
            .expect("room");
        let failure = sink
            .write(&tally, b"cd\nefg\nh\n", cut, |tally| tally.links += 3)
            .expect_err("no room");
        assert_eq!(
            (failure.whole, failure.error.kind()),
            (3, io::ErrorKind::StorageFull)
        );
        assert_eq!(tally.lock().expect("no panic").links, 1);
    }

    #[test]
    fn half_a_record_is_taken_away_from_a_file() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"one\ntwo\nthr").expect("room");
        take_back(&mut file, 3).expect("a regular file");
        file.write_all(b"3\n").expect("room");
        file.rewind().expect("a regular file");
        assert_eq!(io::read_to_string(file).expect("text"), "one\ntwo\n3\n");
    }
}
