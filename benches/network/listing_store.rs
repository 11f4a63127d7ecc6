//! A bucket of many keys that can only be listed (ListObjectsV2), and a TCP forwarder that delays
//! both directions. Without dependencies: `rustc -O listing_store.rs`.
//!
//!     listing_store store KEYS MILLISECONDS_PER_PAGE
//!     listing_store delay PORT MILLISECONDS_OF_ROUND_TRIP
//!
//! Prints its port.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, thread};

fn main() {
    let args: Vec<String> = env::args().collect();
    let number = |at: usize| args[at].parse::<u64>().expect("a number");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    let (first, time) = (number(2), Duration::from_millis(number(3)));
    for stream in listener.incoming() {
        let stream = stream.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        match args[1].as_str() {
            "store" => thread::spawn(move || serve(&stream, first, time)),
            _ => thread::spawn(move || forward(stream, first, time / 2)),
        };
    }
}

/// Keys as logs have them; in byte order.
fn write_key(number: u64, out: &mut String) {
    let (day, of_day) = (number / 4000, number % 4000);
    let (host, part) = (of_day / 400, of_day % 400);
    let (month, day) = (day / 25, day % 25);
    write!(out, "logs/{month:03}-{day:02}/host-{host}/part-{part:06}.json").expect("memory");
}

fn key(number: u64) -> String {
    let mut key = String::new();
    write_key(number, &mut key);
    key
}

fn serve(stream: &TcpStream, keys: u64, time: Duration) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut target = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if target.is_empty() {
            target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
        if line != "\r\n" {
            continue;
        }
        thread::sleep(time);
        let answer = page(&target, keys);
        let mut stream = stream;
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
        target.clear();
    }
}

fn page(target: &str, keys: u64) -> String {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let after = value("continuation-token")
        .or(value("start-after"))
        .map(decoded);
    let most = value("max-keys").and_then(|text| text.parse().ok()).unwrap_or(1000);
    let prefix = value("prefix").map(decoded).unwrap_or_default();
    let delimiter = value("delimiter").map(decoded);
    // The number of the first key that is not before this text.
    let first_from = |text: &str| {
        let (mut low, mut high) = (0, keys);
        while low < high {
            let middle = (low + high) / 2;
            if key(middle).as_str() < text {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    };
    let mut next = first_from(&prefix);
    if let Some(after) = &after {
        next = next.max(first_from(&format!("{after}\0")));
    }
    let mut body = String::with_capacity(256 * 1024);
    let mut last = String::new();
    let mut count = 0;
    let mut is_truncated = false;
    while next < keys {
        let name = key(next);
        let Some(rest) = name.strip_prefix(&prefix) else {
            break;
        };
        if count == most {
            is_truncated = true;
            break;
        }
        count += 1;
        let end = delimiter.as_ref().and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
        if let Some(end) = end {
            last = name[..prefix.len() + end].to_owned();
            write!(body, "<CommonPrefixes><Prefix>{last}</Prefix></CommonPrefixes>").expect("memory");
            // The first key that does not have this prefix.
            next = first_from(&format!("{last}\u{10ffff}"));
            continue;
        }
        body.push_str("<Contents><Key>");
        body.push_str(&name);
        body.push_str(
            "</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;\
             70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><Size>11</Size><StorageClass>STANDARD\
             </StorageClass></Contents>",
        );
        last = name;
        next += 1;
    }
    if is_truncated {
        write!(body, "<NextContinuationToken>{last}</NextContinuationToken>").expect("memory");
    }
    let body = format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>\
         <Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{most}</MaxKeys>\
         <EncodingType>url</EncodingType><IsTruncated>{is_truncated}</IsTruncated>{body}\
         </ListBucketResult>"
    );
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| char::from(byte.unwrap_or(b'0')).to_digit(16).unwrap_or(0) as u8;
        match byte {
            b'%' => out.push(hex(bytes.next()) * 16 + hex(bytes.next())),
            byte => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The first byte waits for the handshake of a distant server as well.
fn forward(client: TcpStream, port: u64, half: Duration) {
    thread::sleep(2 * half);
    let Ok(server) = TcpStream::connect(("127.0.0.1", port as u16)) else {
        return;
    };
    server.set_nodelay(true).expect("an option");
    let (other_client, other_server) = (client.try_clone(), server.try_clone());
    thread::spawn(move || delayed(client, server, half));
    delayed(other_server.expect("a copy"), other_client.expect("a copy"), half);
}

fn delayed(mut from: TcpStream, mut to: TcpStream, time: Duration) {
    let (give, pieces) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        for (arrived, piece) in pieces {
            thread::sleep((arrived + time).saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 || give.send((Instant::now(), buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}
