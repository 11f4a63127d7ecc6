//! One thing that was found.

use chrono::{DateTime, Utc};

use super::code::Code;

/// How sure a finding is. Sorts from the surest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Reproduced by hash, stated by the store, or arithmetic.
    Certain,
    /// There is no other common explanation.
    Likely,
    /// Worth saying.
    Possible,
}

impl Certainty {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Possible => "possible",
        }
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable name; `explain` knows it.
    pub code: Code,
    /// How sure.
    pub certainty: Certainty,
    /// One sentence.
    pub message: String,
    /// Lines that show it.
    pub evidence: Vec<String>,
    /// What to do, mostly a command.
    pub fix: Option<String>,
    /// The moment from which it holds, where it is about one.
    pub since: Option<DateTime<Utc>>,
}

impl Finding {
    /// A certain finding.
    pub fn certain(code: Code, message: impl Into<String>) -> Finding {
        Finding {
            code,
            certainty: Certainty::Certain,
            message: message.into(),
            evidence: Vec::new(),
            fix: None,
            since: None,
        }
    }

    /// A likely one.
    pub fn likely(code: Code, message: impl Into<String>) -> Finding {
        Finding {
            certainty: Certainty::Likely,
            ..Finding::certain(code, message)
        }
    }

    /// A possible one.
    pub fn possible(code: Code, message: impl Into<String>) -> Finding {
        Finding {
            certainty: Certainty::Possible,
            ..Finding::certain(code, message)
        }
    }

    /// With what to do.
    pub fn fix(mut self, fix: impl Into<String>) -> Finding {
        self.fix = Some(fix.into());
        self
    }

    /// With the moment from which it holds.
    pub fn since(mut self, time: DateTime<Utc>) -> Finding {
        self.since = Some(time);
        self
    }

    /// Whether it holds only after a moment.
    pub fn is_after(&self, time: DateTime<Utc>) -> bool {
        self.since.is_some_and(|since| since > time)
    }

    /// With a line of evidence.
    pub fn evidence(mut self, line: impl Into<String>) -> Finding {
        self.evidence.push(line.into());
        self
    }
}

/// One finding a code: the surest, with the evidence of all.
pub fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match kept.iter_mut().find(|known| known.code == finding.code) {
            Some(known) if finding.certainty < known.certainty => *known = finding,
            Some(known) => {
                known.fix = known.fix.take().or(finding.fix);
                known.evidence.extend(
                    finding
                        .evidence
                        .into_iter()
                        .filter(|_| known.evidence.is_empty())
                        .collect::<Vec<_>>(),
                );
            }
            None => kept.push(finding),
        }
    }
    kept
}
