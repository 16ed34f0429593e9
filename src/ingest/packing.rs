//! Packed bytes → bytes, on the way.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use super::Packing;
use super::stored::{self, Count};

/// Where the gzip member now read begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Member {
    /// Bytes before it as stored.
    pub stored: u64,
    /// Bytes before it as unpacked.
    pub unpacked: u64,
}

/// A stream that is unpacked as it is read.
pub(super) struct Unpacked<'a> {
    pub reader: Box<dyn Read + 'a>,
    /// Of a gzip stream, the member that the last read bytes are of: no read returns bytes of two.
    pub member: Option<Rc<Cell<Member>>>,
    /// True where nothing had to be unpacked.
    pub is_plain: bool,
}

/// Unpacks `stored` by what its name says, or where that says nothing by its first bytes; fails once that is more than `max_ratio` times
/// the `count` of what was read.
pub(super) fn unpack<'a>(
    packing: Packing,
    stored: Box<dyn Read + 'a>,
    max_ratio: u64,
    count: &Count,
) -> io::Result<Unpacked<'a>> {
    let (packing, stored) = match packing {
        Packing::Plain => {
            let (head, stored) = peek(stored, 16)?;
            (super::kind::packing(&head), stored)
        }
        named => (named, stored),
    };
    let mut member = None;
    let reader: Box<dyn Read + 'a> = match packing {
        Packing::Plain => stored,
        Packing::Gzip => {
            let gzip = Gzip::new(stored);
            member = Some(Rc::clone(&gzip.member));
            Box::new(gzip)
        }
        Packing::Zstd => Box::new(zstd::Decoder::new(stored)?),
        Packing::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(stored)),
        Packing::Xz => Box::new(lzma_rust2::XzReader::new(BufReader::new(stored), true)),
    };
    let is_plain = packing == Packing::Plain;
    Ok(Unpacked {
        reader: if is_plain {
            reader
        } else {
            Box::new(stored::Unpacked::new(reader, max_ratio, count.clone()))
        },
        member,
        is_plain,
    })
}

/// The first `n` bytes, fewer only at the end, and the stream as if they had not been read.
pub(super) fn peek<'a>(
    mut reader: Box<dyn Read + 'a>,
    n: usize,
) -> io::Result<(Vec<u8>, Box<dyn Read + 'a>)> {
    let mut head = Vec::with_capacity(n);
    reader.by_ref().take(n as u64).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(whole)))
}

/// A reader that counts what is taken from it.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count += n as u64;
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.count += n as u64;
        self.inner.consume(n);
    }
}

type Stored<'a> = Counted<BufReader<Box<dyn Read + 'a>>>;

/// gzip, member by member, zeros after the last one passed over.
struct Gzip<'a> {
    state: State<'a>,
    unpacked: u64,
    member: Rc<Cell<Member>>,
}

enum State<'a> {
    Between(Stored<'a>),
    Within(Box<flate2::bufread::GzDecoder<Stored<'a>>>),
    Over,
}

impl<'a> Gzip<'a> {
    fn new(stored: Box<dyn Read + 'a>) -> Self {
        let stored = Counted {
            inner: BufReader::with_capacity(1 << 16, stored),
            count: 0,
        };
        Self {
            // Even an empty file must have a member: the first is begun whatever follows.
            state: State::Within(Box::new(flate2::bufread::GzDecoder::new(stored))),
            unpacked: 0,
            member: Rc::default(),
        }
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Within(mut decoder) => {
                    let n = decoder.read(buffer)?;
                    if 0 < n {
                        self.unpacked += n as u64;
                        self.state = State::Within(decoder);
                        return Ok(n);
                    }
                    State::Between(decoder.into_inner())
                }
                State::Between(mut stored) => {
                    let ahead = stored.fill_buf()?;
                    let zeros = ahead.iter().take_while(|&&byte| byte == 0).count();
                    match ahead.len() {
                        0 => State::Over,
                        _ if 0 < zeros => {
                            stored.consume(zeros);
                            State::Between(stored)
                        }
                        _ => {
                            self.member.set(Member {
                                stored: stored.count,
                                unpacked: self.unpacked,
                            });
                            State::Within(Box::new(flate2::bufread::GzDecoder::new(stored)))
                        }
                    }
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn members_of_gzip_are_read_one_after_another_with_their_places() {
        let (one, two) = (gzip(b"first"), gzip(b""));
        let all = [&one[..], &two, &gzip(b"third"), &[0; 700]].concat();
        let mut unpacked = unpack(
            Packing::Plain,
            Box::new(all.as_slice()),
            250,
            &Count::default(),
        )
        .unwrap();
        let member = unpacked.member.take().unwrap();
        let mut buffer = [0; 3];
        let mut seen = Vec::new();
        loop {
            let n = unpacked.reader.read(&mut buffer).unwrap();
            if n == 0 {
                break;
            }
            seen.push((
                String::from_utf8(buffer[..n].into()).unwrap(),
                member.get().stored,
            ));
        }
        let third = (one.len() + two.len()) as u64;
        let expected = [("fir", 0), ("st", 0), ("thi", third), ("rd", third)];
        assert_eq!(
            seen,
            expected.map(|(text, stored)| (text.to_owned(), stored))
        );
        assert_eq!(member.get().unpacked, 5);
    }

    #[test]
    fn what_follows_the_last_member_and_is_no_member_is_an_error() {
        for stored in [
            [gzip(b"one"), b"rubbish and more".to_vec()].concat(),
            gzip(b"one")[..12].to_vec(),
        ] {
            let mut unpacked = unpack(
                Packing::Gzip,
                Box::new(stored.as_slice()),
                250,
                &Count::default(),
            )
            .unwrap();
            assert!(unpacked.reader.read_to_end(&mut Vec::new()).is_err());
        }
    }
}
