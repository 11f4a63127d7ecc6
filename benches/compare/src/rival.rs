//! A signer and its speed.

use std::hint::black_box;
use std::time::Instant;

/// Many short rounds: on a busy machine most of them then run undisturbed.
const ROUNDS: usize = 101;
const ROUND_SECONDS: f64 = 0.01;
/// The AWS SDK for JavaScript is twice as fast after its first seconds.
const WARM_UP_SECONDS: f64 = 3.0;

/// Signs this many URLs sequentially, and returns the seconds.
pub type Sign<'a> = Box<dyn FnMut(usize) -> f64 + 'a>;

pub struct Rival<'a> {
    pub name: String,
    /// The URL of the first key.
    pub url: Option<String>,
    /// Or why it is excluded.
    pub sign: Result<Sign<'a>, String>,
}

impl<'a> Rival<'a> {
    /// Signs one key at a time, without state.
    pub fn each(name: &str, keys: &'a [String], link: impl Fn(&str) -> String + 'a) -> Rival<'a> {
        let url = Some(link(&keys[0]));
        let sign = move |links| {
            seconds(|| {
                for key in keys.iter().cycle().take(links) {
                    black_box(link(black_box(key)));
                }
            })
        };
        Rival {
            name: name.to_owned(),
            url,
            sign: Ok(Box::new(sign)),
        }
    }

    pub fn absent(name: &str, why: &str) -> Rival<'a> {
        Rival {
            name: name.to_owned(),
            url: None,
            sign: Err(why.to_owned()),
        }
    }
}

/// URLs per second: the median of many rounds, alternating with the other signers.
pub fn race(rivals: &mut [Rival]) -> Vec<Option<f64>> {
    let links: Vec<usize> = rivals
        .iter_mut()
        .map(|rival| rival.sign.as_mut().map_or(0, links_of_a_round))
        .collect();
    let mut rates = vec![Vec::new(); rivals.len()];
    for _ in 0..ROUNDS {
        for (index, rival) in rivals.iter_mut().enumerate() {
            if let Ok(sign) = &mut rival.sign {
                rates[index].push(links[index] as f64 / sign(links[index]));
            }
        }
    }
    rates.into_iter().map(median).collect()
}

fn links_of_a_round(sign: &mut Sign) -> usize {
    let started = Instant::now();
    let mut links = 16;
    loop {
        let taken = sign(links);
        if taken < ROUND_SECONDS {
            links *= 2;
        } else if started.elapsed().as_secs_f64() > WARM_UP_SECONDS {
            return (links as f64 * ROUND_SECONDS / taken).ceil() as usize;
        }
    }
}

pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

pub fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}
