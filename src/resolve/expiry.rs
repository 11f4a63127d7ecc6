//! Durations and times: what `--expires 1h30m`, `--until`, `--at`, `--backdate` and `--align` come
//! to.

use chrono::{DateTime, Utc};

use crate::cli::TimeArgs;
use crate::error::Failure;
use crate::sigv4::{Credentials, Expiry, SigningTime};
use crate::store::{ExpiryLimit, Provider};
use crate::text::CommandLine;

use super::accounts::Remote;
use super::time_text::{DAY, parse_duration, parse_time};
use super::{Sourced, Warning};

/// Above this most stores refuse.
const SEVEN_DAYS: u64 = 7 * DAY;
/// One hour, as SDKs do.
const DEFAULT_EXPIRY: u64 = 3600;

/// When a URL is signed and how long it is valid from then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// `X-Amz-Date`.
    pub signed_at: SigningTime,
    /// `X-Amz-Expires`.
    pub expiry: Expiry,
    /// The first moment at which the URL no longer works.
    pub expires_at: SigningTime,
    /// The option that set the expiry.
    option: &'static str,
    /// Whether none did.
    is_default: bool,
    /// Whether a URL that expires sooner than the option gives is refused.
    strict: bool,
    /// By how much the options that move the signing time have lengthened the expiry, in seconds.
    moved: u64,
}

impl Lifetime {
    /// Works out the options.
    ///
    /// Moving the signing time back, by `--backdate` or to the start of a window, would shorten the
    /// time for which the URL is valid; so the expiry grows by as much as the time can have moved.
    /// With `--align` that is a whole window, whatever the time is now, or the URL would change
    /// from
    /// second to second.
    ///
    /// # Errors
    /// A text that is not a duration or time, an expiry of zero or less, a time that cannot be
    /// written.
    pub fn resolve(args: &TimeArgs, now: DateTime<Utc>) -> Result<Lifetime, Failure> {
        let now = match &args.at {
            Some(text) => parse_time("--at", text)?,
            None => now,
        };
        let too_far = |option: &str| {
            Failure::usage(format!("{option} is outside the years 0 to 9999"))
                .hint("give a shorter time, such as `24h` or `7d`")
        };
        let back = args
            .backdate
            .as_deref()
            .map_or(Ok(0), |text| parse_duration("--backdate", text))?;
        let window = args
            .align
            .as_deref()
            .map_or(Ok(0), |text| parse_duration("--align", text))?;
        if args.align.is_some() && window == 0 {
            return Err(Failure::usage("--align must be at least 1 second")
                .hint("give the length of the window: `--align 1h`"));
        }
        let mut seconds = i64::try_from(back)
            .ok()
            .and_then(|back| now.timestamp().checked_sub(back))
            .ok_or_else(|| too_far("--backdate"))?;
        if window > 0 {
            let window = i64::try_from(window).map_err(|_| too_far("--align"))?;
            seconds -= seconds.rem_euclid(window);
        }
        let signed_at = SigningTime::from_unix_seconds(seconds).map_err(|_| {
            let moved = if window > 0 {
                "--align"
            } else if back > 0 {
                "--backdate"
            } else {
                "--at"
            };
            too_far(moved)
        })?;
        let (option, seconds) = match (&args.until, &args.expires) {
            (Some(text), _) => ("--until", seconds_until(text, now, signed_at)?),
            (None, expires) => {
                let asked = match expires {
                    Some(text) => parse_duration("--expires", text)?,
                    None => DEFAULT_EXPIRY,
                };
                if asked == 0 {
                    return Err(Failure::usage("--expires must be at least 1 second")
                        .hint("give a duration: `--expires 1h`"));
                }
                let seconds = asked
                    .checked_add(back)
                    .and_then(|seconds| seconds.checked_add(window));
                ("--expires", seconds.ok_or_else(|| too_far("--expires"))?)
            }
        };
        let expiry = Expiry::seconds(seconds).map_err(|_| {
            Failure::usage(format!("{option} leaves no time in which the URL is valid"))
                .hint("give a later time")
        })?;
        let expires_at = signed_at
            .plus_seconds(seconds)
            .map_err(|_| too_far(option))?;
        let is_default = args.until.is_none() && args.expires.is_none();
        Ok(Lifetime {
            signed_at,
            expiry,
            expires_at,
            option,
            is_default,
            strict: args.strict,
            moved: back.saturating_add(window),
        })
    }

    /// Whether no option gave the expiry.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// The option that gave it, or `default`.
    pub fn source(&self) -> &'static str {
        match self.is_default {
            true => "default",
            false => self.option,
        }
    }

    /// With the expiry that a target of `config.toml` has where no option gives one.
    ///
    /// # Errors
    /// More than the target allows, or a time that cannot be written.
    pub fn for_account(self, account: Option<&Remote>) -> Result<Lifetime, Failure> {
        let Some(account) = account else {
            return Ok(self);
        };
        let most = account.rules.max_expires;
        if self.is_default {
            let usual = account
                .rules
                .expires
                .unwrap_or(DEFAULT_EXPIRY.min(most.unwrap_or(DEFAULT_EXPIRY)));
            let too_far = |_| {
                Failure::configuration(format!(
                    "the `expires` of the {} is outside the years 0 to 9999",
                    account.source
                ))
            };
            let seconds = usual.saturating_add(self.moved);
            let expires_at = self.signed_at.plus_seconds(seconds).map_err(too_far)?;
            return Ok(Lifetime {
                expiry: Expiry::seconds(seconds).map_err(too_far)?,
                expires_at,
                ..self
            });
        }
        let asked = self.expiry.as_seconds().saturating_sub(self.moved);
        match most {
            Some(most) if asked > most => Err(Failure::usage(format!(
                "{} {asked} s exceeds the maximum of the {}, {most} s ({})",
                self.option,
                account.source,
                in_words(most)
            ))
            .hint(format!("use at most `{}`", expires(most)))),
            _ => Ok(self),
        }
    }

    /// The same, cut off where the credentials expire.
    ///
    /// # Errors
    /// Credentials that have expired, and, with `--strict`, those that expire before the URL would.
    pub fn ended_by(
        &self,
        credentials: &Sourced<Credentials>,
    ) -> Result<(Lifetime, Option<Warning>), Failure> {
        let Some(end) = credentials
            .value
            .expires_at()
            .filter(|end| *end < self.expires_at)
        else {
            return Ok((*self, None));
        };
        let source = &credentials.source;
        if end <= self.signed_at {
            return Err(Failure::configuration(format!(
                "the credentials ({source}) expired at {}",
                end.rfc3339()
            ))
            .hint(
                "get new ones from the same source; `aws sts get-caller-identity` shows \
                    whether they work",
            ));
        }
        let message = format!(
            "the URL was to be valid until {}, but its credentials ({source}) expire at {}, and \
                the URL with them",
            self.expires_at.rfc3339(),
            end.rfc3339()
        );
        if self.strict {
            return Err(Failure::configuration(message).hint(format!(
                "get new credentials, ask for less, `{}`, or remove --strict",
                CommandLine::options().option("--until", end.rfc3339())
            )));
        }
        Ok((
            Lifetime {
                expires_at: end,
                ..*self
            },
            Some(Warning::new("outlives-credentials", message)),
        ))
    }

    /// Compares the expiry with the maximum of the store.
    ///
    /// # Errors
    /// If the store is known to refuse such a URL.
    pub fn check_limit(&self, provider: Option<&Provider>) -> Result<Option<Warning>, Failure> {
        let seconds = self.expiry.as_seconds();
        let name = provider.map_or("the store", |p| p.name);
        let limit = provider.map_or(ExpiryLimit::Unknown, |p| p.expiry_limit);
        match limit {
            ExpiryLimit::Refused(most) if seconds > most => Err(Failure::usage(format!(
                "{} {seconds} s exceeds the maximum of {name}, {most} s ({})",
                self.option,
                in_words(most)
            ))
            .hint(match (self.option, most.checked_sub(self.moved)) {
                ("--expires", Some(left)) if left > 0 => format!("use at most `{}`", expires(left)),
                _ => "give a shorter time; what --backdate and --align move the start counts \
                    towards it"
                    .to_owned(),
            })),
            _ if seconds <= SEVEN_DAYS => Ok(None),
            ExpiryLimit::Unknown => Ok(Some(Warning::new(
                "long-expiry",
                format!(
                    "the URL is valid for {}, and it is not known whether {name} serves URLs \
                        older than 7 days; most stores refuse them",
                    in_words(seconds)
                ),
            ))),
            ExpiryLimit::Refused(_) | ExpiryLimit::None => Ok(Some(Warning::new(
                "long-expiry",
                format!(
                    "the URL is valid for {}; anyone who has it can use it until \
                    {}",
                    in_words(seconds),
                    self.expires_at.rfc3339()
                ),
            ))),
        }
    }
}

fn seconds_until(text: &str, now: DateTime<Utc>, signed_at: SigningTime) -> Result<u64, Failure> {
    let until = parse_until(text, now)?;
    if until <= now {
        return Err(
            Failure::usage(format!("--until `{text}` is not in the future"))
                .hint(format!("it is {} now", now.format("%Y-%m-%dT%H:%M:%SZ"))),
        );
    }
    u64::try_from(until.timestamp() - signed_at.to_utc().timestamp())
        .map_err(|_| Failure::usage(format!("--until `{text}` is not in the future")))
}

/// `--until`: a time, seconds since 1970 (`1790000000`, `@1790000000`) or a duration from now
/// (`+1d`).
fn parse_until(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let far = || {
        Failure::usage(format!("--until `{text}` is outside the years 0 to 9999"))
            .hint("give a shorter time, such as `+7d`")
    };
    if text.starts_with('+') {
        let seconds = i64::try_from(parse_duration("--until", text)?).map_err(|_| far())?;
        let delta = chrono::TimeDelta::try_seconds(seconds).ok_or_else(far)?;
        return now.checked_add_signed(delta).ok_or_else(far);
    }
    let seconds = text.strip_prefix('@').unwrap_or(text);
    if seconds.len() < 9 || !seconds.bytes().all(|b| b.is_ascii_digit()) {
        return parse_time("--until", text).map_err(|failure| match parse_duration("", text) {
            Ok(1..) if !text.bytes().all(|b| b.is_ascii_digit()) => failure.hint(format!(
                "for a time from now: `{}`",
                CommandLine::options().option("--until", format!("+{text}"))
            )),
            _ => failure,
        });
    }
    if seconds.len() >= 13 {
        return Err(
            Failure::usage(format!("--until `{text}` has milliseconds in it")).hint(format!(
                "give seconds since 1970: `{}`",
                CommandLine::options().option("--until", &seconds[..seconds.len() - 3])
            )),
        );
    }
    let seconds = seconds.parse().map_err(|_| far())?;
    DateTime::from_timestamp(seconds, 0).ok_or_else(far)
}

/// `30 days`, `1 day 1 hour`, `90 seconds`.
fn in_words(seconds: u64) -> String {
    let parts: Vec<String> = [(DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
        .iter()
        .scan(seconds, |left, (size, name)| {
            let count = *left / size;
            *left %= size;
            Some((count, *name))
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    parts.join(" ")
}

fn expires(seconds: u64) -> CommandLine {
    CommandLine::options().option("--expires", seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::resolve::Source;
    use crate::store::find_provider;

    fn lifetime(change: impl Fn(&mut TimeArgs)) -> Result<Lifetime, Failure> {
        let mut args = TimeArgs {
            at: Some("2026-11-23T10:20:30Z".into()),
            ..TimeArgs::default()
        };
        change(&mut args);
        Lifetime::resolve(&args, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn moving_the_signing_time_keeps_the_expiry() {
        let plain = lifetime(|_| ()).expect("valid");
        assert_eq!(
            (
                plain.signed_at.timestamp().as_str(),
                plain.expiry.as_seconds()
            ),
            ("20261123T102030Z", 3600)
        );
        let back = lifetime(|args| args.backdate = Some("5m".into())).expect("valid");
        assert_eq!(
            (
                back.signed_at.timestamp().as_str(),
                back.expiry.as_seconds()
            ),
            ("20261123T101530Z", 3900)
        );
        assert_eq!(back.expires_at, plain.expires_at);
        let aligned = lifetime(|args| args.align = Some("1h".into())).expect("valid");
        assert_eq!(
            (
                aligned.signed_at.timestamp().as_str(),
                aligned.expiry.as_seconds()
            ),
            ("20261123T100000Z", 7200)
        );
        assert!(aligned.expires_at >= plain.expires_at);
        let until = lifetime(|args| {
            args.align = Some("1h".into());
            args.until = Some("2026-11-23T11:00:00Z".into());
        });
        assert_eq!(until.map(|l| l.expiry.as_seconds()), Ok(3600));
    }

    #[test]
    fn refusals() {
        for (expires, until, align) in [
            (Some("0"), None, None),
            (Some("-1"), None, None),
            (Some("18446744073709551615"), None, None),
            (Some("9999999999999"), None, None),
            (None, Some("2026-11-23T10:20:30Z"), None),
            (None, Some("2020-01-01"), None),
            (None, None, Some("0")),
            (None, None, Some("18446744073709551615")),
        ] {
            let result = lifetime(|args| {
                args.expires = expires.map(str::to_owned);
                args.until = until.map(str::to_owned);
                args.align = align.map(str::to_owned);
            });
            assert!(result.is_err(), "{expires:?} {until:?} {align:?}");
        }
    }

    #[test]
    fn limits() {
        let week_and_a_second =
            lifetime(|args| args.expires = Some("604801".into())).expect("valid");
        for (id, refused) in [
            ("aws", true),
            ("minio", true),
            ("garage", true),
            ("ibm", false),
            ("tigris", false),
            ("b2", false),
        ] {
            let result = week_and_a_second.check_limit(find_provider(id));
            assert_eq!(result.is_err(), refused, "{id}");
            assert!(refused || matches!(result, Ok(Some(_))), "{id}");
        }
        let week = lifetime(|args| args.expires = Some("7d".into())).expect("valid");
        assert_eq!(week.check_limit(find_provider("aws")), Ok(None));
        let quarter = lifetime(|args| args.expires = Some("91d".into())).expect("valid");
        assert!(quarter.check_limit(find_provider("tigris")).is_err());
    }

    #[test]
    fn hint_names_the_maximum_of_the_store() {
        let hint = |change: &dyn Fn(&mut TimeArgs)| {
            let refused = lifetime(change)
                .expect("valid")
                .check_limit(find_provider("aws"));
            refused.expect_err("refused").hint.expect("a hint")
        };
        let other =
            "give a shorter time; what --backdate and --align move the start counts towards it";
        assert_eq!(
            hint(&|args: &mut TimeArgs| args.expires = Some("8d".into())),
            "use at most `--expires 604800`"
        );
        let back = |args: &mut TimeArgs, back: &str| {
            args.expires = Some("8d".into());
            args.backdate = Some(back.into());
        };
        assert_eq!(
            hint(&|args: &mut TimeArgs| back(args, "604799s")),
            "use at most `--expires 1`"
        );
        assert_eq!(hint(&|args: &mut TimeArgs| back(args, "7d")), other);
        assert_eq!(hint(&|args: &mut TimeArgs| back(args, "8d")), other);
        assert_eq!(
            hint(&|args: &mut TimeArgs| args.until = Some("2026-12-24".into())),
            other
        );
    }

    #[test]
    fn times_outside_the_years_are_refused_by_option() {
        let message = |at: &str, backdate: Option<&str>, align: Option<&str>| {
            let failure = lifetime(|args| {
                args.at = Some(at.to_owned());
                args.backdate = backdate.map(str::to_owned);
                args.align = align.map(str::to_owned);
            });
            failure.err().map(|failure| failure.message)
        };
        let outside = |option: &str| Some(format!("{option} is outside the years 0 to 9999"));
        let first = "0000-01-01T00:00:00Z";
        assert_eq!(message(first, None, None), None);
        assert_eq!(message(first, Some("1s"), None), outside("--backdate"));
        assert_eq!(
            message("0000-01-02", None, Some("99999d")),
            outside("--align")
        );
        assert_eq!(
            message("9999-12-31T23:59:59-05:00", None, None),
            outside("--at")
        );
        assert_eq!(
            message("9999-12-31T23:59:59Z", None, None),
            outside("--expires")
        );
    }

    #[test]
    fn expiry_is_cut_off_where_the_credentials_expire() {
        let ended = |seconds: u64, strict: bool| {
            let lifetime = lifetime(|args| args.strict = strict).expect("valid");
            let end = lifetime.signed_at.plus_seconds(seconds).expect("in range");
            let credentials = Sourced::new(
                Credentials::new("AKID", "secret").ending_at(end),
                Source::Default,
            );
            lifetime
                .ended_by(&credentials)
                .map(|(cut, warning)| (cut.expires_at == end, warning.is_some()))
        };
        assert_eq!(ended(3601, true), Ok((false, false)));
        assert_eq!(ended(3600, true), Ok((true, false)));
        assert_eq!(ended(3599, false), Ok((true, true)));
        assert_eq!(ended(1, false), Ok((true, true)));
        assert_eq!(
            ended(3599, true).map_err(|failure| failure.kind),
            Err(Kind::Configuration)
        );
        assert_eq!(
            ended(0, false).map_err(|failure| failure.kind),
            Err(Kind::Configuration)
        );
    }
}
