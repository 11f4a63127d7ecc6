//! A POST form as it was sent or is to be sent, beside its own policy.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::post_command;
use crate::diagnosis::case::Case;
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::posted_form::PostedForm;
use crate::diagnosis::time::{rfc3339, span};
use crate::diagnosis::url_parts::Anatomy;
use crate::sigv4::hash::hmac_sha256;
use crate::sigv4::{Condition, Mismatch, PostPolicy, SigningKeySteps, split_credential};
use crate::text::escape_controls;

/// Everything that a store refuses, as far as the form shows it.
pub fn findings(form: &PostedForm, anatomy: &Anatomy, case: &Case) -> Vec<Finding> {
    let check = Check {
        form,
        anatomy,
        case,
    };
    check.findings()
}

/// Whether there are credentials of the form's access key id; its signature was compared with them.
pub fn is_signed_here(form: &PostedForm, case: &Case) -> bool {
    let id = form
        .field("x-amz-credential")
        .and_then(split_credential)
        .map(|(id, _)| id);
    case.candidates
        .iter()
        .any(|named| Some(named.candidate.access_key_id.as_str()) == id)
}

struct Check<'a> {
    form: &'a PostedForm,
    anatomy: &'a Anatomy,
    case: &'a Case,
}

fn malformed(message: impl Into<String>) -> Finding {
    Finding::certain(Code::FormMalformed, message)
}

impl Check<'_> {
    fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(problem) = self.form.problem {
            found.push(malformed(problem).fix(
                "send the fields as multipart/form-data with POST: `curl -F NAME=VALUE \
                         -F file=@FILE URL`",
            ));
        }
        let Some(text) = self.form.field("policy") else {
            found.push(
                malformed("the form has no field `policy`")
                    .fix("send all fields that were made with the form"),
            );
            return found;
        };
        if self.form.field("key").is_none() {
            found.push(
                malformed("the form has no field `key`")
                    .fix("add it, with a name, before the file"),
            );
        }
        found.extend(self.object_url());
        found.extend(self.without_signature());
        found.extend(self.file());
        let policy = match BASE64.decode(text.trim()).ok().map(PostPolicy::parse) {
            None => {
                found.push(not_base64(text));
                return found;
            }
            Some(Err(error)) => {
                let message = format!("the policy {}", escape_controls(&error.to_string()));
                found.push(malformed(message).fix(self.again(None)));
                return found;
            }
            Some(Ok(policy)) => policy,
        };
        let expiration = policy.expiration().to_utc();
        let since = (self.case.now - expiration).num_seconds();
        if since >= 0 {
            found.push(
                Finding::certain(
                    Code::Expired,
                    format!(
                        "the policy of the form expired {} ago, at {}",
                        span(since),
                        rfc3339(expiration)
                    ),
                )
                .since(expiration)
                .fix(self.again(Some(&policy))),
            );
        }
        let sent: Vec<(String, String)> = self
            .form
            .fields
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("file"))
            .cloned()
            .collect();
        let bucket = self.anatomy.bucket.as_deref().unwrap_or_default();
        for mismatch in policy.check(bucket, &sent) {
            found.push(broken(&mismatch));
        }
        found.extend(self.size(&policy));
        found.extend(self.signature(text));
        found
    }

    /// The command that makes the form again, with the prefix of its policy.
    fn again(&self, policy: Option<&PostPolicy>) -> String {
        let key = policy.and_then(|policy| {
            policy
                .conditions()
                .iter()
                .find_map(|condition| match condition {
                    Condition::StartsWith { field, prefix }
                        if field.eq_ignore_ascii_case("key") =>
                    {
                        Some(prefix.clone())
                    }
                    Condition::Exact { field, value } if field.eq_ignore_ascii_case("key") => {
                        Some(value.clone())
                    }
                    _ => None,
                })
        });
        let region = self
            .form
            .field("x-amz-credential")
            .and_then(split_credential)
            .map(|(_, [_, region, _])| region);
        format!(
            "make the form again: `{}`",
            post_command(self.anatomy, key.as_deref(), region)
        )
    }

    fn object_url(&self) -> Option<Finding> {
        self.anatomy.key.as_ref()?;
        Some(
            Finding::likely(
                Code::FormMalformed,
                "the form is posted to the URL of an object, and stores accept forms at the URL \
                 of the bucket only",
            )
            .fix(format!(
                "post it to the bucket: `{}/{}`",
                self.anatomy.endpoint(),
                self.anatomy.bucket.as_deref().unwrap_or("BUCKET")
            )),
        )
    }

    fn without_signature(&self) -> Option<Finding> {
        let has = |name: &str| self.form.field(name).is_some();
        if has("x-amz-signature") || has("signature") {
            return None;
        }
        Some(
            malformed(
                "the form has no field `x-amz-signature`: the store takes it for an \
                 anonymous upload",
            )
            .fix("send all fields that were made with the form"),
        )
    }

    /// The file is one, and comes last.
    fn file(&self) -> Option<Finding> {
        if !self.form.has_file_field {
            return None;
        }
        let fields = &self.form.fields;
        let is_file = |(name, _): &(String, String)| name.eq_ignore_ascii_case("file");
        let files = fields.iter().filter(|field| is_file(field)).count();
        let behind = fields
            .iter()
            .skip_while(|field| !is_file(field))
            .skip(1)
            .find(|field| !is_file(field));
        let (message, fix) = match (files, behind) {
            (0, _) => (
                "the form has no field `file`".to_owned(),
                "add the file as the last field, with the name `file`",
            ),
            (1, Some((name, _))) => (
                format!(
                    "the field `{}` comes after the file, where stores do not read it",
                    escape_controls(name)
                ),
                "put the file last",
            ),
            (1, None) => return None,
            (count, _) => (
                format!("the form has {count} files"),
                "send one file in each request",
            ),
        };
        Some(malformed(message).fix(fix))
    }

    /// The file beside the `content-length-range` of the policy.
    fn size(&self, policy: &PostPolicy) -> Option<Finding> {
        let (least, most) = policy.content_length_range()?;
        let size = self.form.file_size?;
        let message = if size > most {
            format!("the file has {size} bytes, and the policy allows at most {most}")
        } else if size < least {
            format!("the file has {size} bytes, and the policy requires at least {least}")
        } else {
            return None;
        };
        Some(
            Finding::certain(Code::EntityTooLarge, message)
                .evidence(format!(
                    "condition of the policy: [\"content-length-range\",{least},{most}]"
                ))
                .fix(
                    "send a file of the size that the policy allows, or make a form with another \
                     `--max-size`",
                ),
        )
    }

    fn signature(&self, policy: &str) -> Option<Finding> {
        let given = self.form.field("x-amz-signature")?.to_ascii_lowercase();
        let (id, [date, region, service]) = split_credential(self.form.field("x-amz-credential")?)?;
        let of = |secret: &_, text: &[u8]| {
            let steps = SigningKeySteps::of_fields(secret, date, region, service);
            hex::encode(hmac_sha256(&steps.signing, text))
        };
        let text = policy.trim();
        let named = self
            .case
            .candidates
            .iter()
            .find(|named| named.candidate.access_key_id == id)?;
        let secret = &named.candidate.secret;
        if of(secret, text.as_bytes()) == given {
            return None;
        }
        let json = BASE64.decode(text).unwrap_or_default();
        if of(secret, &json) == given {
            return Some(
                Finding::certain(
                    Code::SignatureMalformed,
                    "the signature of the form was made of the policy's JSON, and not of its \
                     base64",
                )
                .fix("sign the base64 text, exactly as it is in the field `policy`"),
            );
        }
        Some(
            Finding::likely(
                Code::WrongSecret,
                format!(
                    "the signature of the form is not that of its policy with the secret of {}: \
                     the policy was changed, or another secret signed it",
                    named.source
                ),
            )
            .fix(self.again(PostPolicy::parse(json).ok().as_ref())),
        )
    }
}

fn not_base64(text: &str) -> Finding {
    let why = if text.starts_with("b'") || text.starts_with("b\"") {
        ": it is the text of a Python `bytes`"
    } else if text.trim_start().starts_with('{') {
        ": it is the JSON itself"
    } else if text.trim().contains(['\n', '\r', ' ']) {
        ": it has line breaks or spaces in it"
    } else if text.contains(['-', '_']) {
        ": it has the alphabet for URLs (`-` and `_` for `+` and `/`)"
    } else {
        ""
    };
    malformed(format!("the field `policy` is not base64{why}"))
        .fix("send the policy as it was signed: base64 in one line, without anything around it")
}

fn broken(mismatch: &Mismatch) -> Finding {
    let (message, fix) = match mismatch {
        Mismatch::Missing(condition) => (
            format!("the form lacks the field of the condition {condition}"),
            "add the field with the value that the policy requires",
        ),
        Mismatch::Differs { condition, value } => (
            format!("the value `{value}` does not meet the condition {condition}"),
            "send the value that the policy requires, or make a form for this one",
        ),
        Mismatch::WithoutCondition(name) => (
            format!("the field `{name}` is not in the policy"),
            "remove the field, or make a form whose policy has it",
        ),
    };
    let evidence = match mismatch {
        Mismatch::Missing(condition) | Mismatch::Differs { condition, .. } => about(condition),
        Mismatch::WithoutCondition(_) => None,
    };
    let finding = Finding::certain(
        Code::PolicyConditionFailed,
        escape_controls(&message).into_owned(),
    )
    .fix(fix);
    match evidence {
        Some(line) => finding.evidence(line),
        None => finding,
    }
}

fn about(condition: &Condition) -> Option<String> {
    condition
        .field()
        .map(|field| format!("condition of the policy on `{}`", escape_controls(field)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a signed form has besides; its policy has conditions for all of it.
    const SIGNED: [(&str, &str); 4] = [
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "AK/20261130/eu-west-1/s3/aws4_request"),
        ("x-amz-date", "20261130T000000Z"),
        ("x-amz-signature", "00"),
    ];

    fn policy() -> String {
        let signed: String = SIGNED[..3]
            .iter()
            .map(|(name, value)| format!(r#",{{"{name}":"{value}"}}"#))
            .collect();
        BASE64.encode(format!(
            r#"{{"expiration":"2026-12-01T00:00:00Z","conditions":[{{"bucket":"bkt-fake"}},
            ["starts-with","$key","in/"],{{"Content-Type":"image/jpeg"}}{signed}]}}"#
        ))
    }

    /// The fields of the signature as arguments of curl.
    fn signature() -> String {
        SIGNED
            .iter()
            .map(|(name, value)| format!("-F {name}={value} "))
            .collect()
    }

    fn codes(text: &str, now: &str) -> Vec<Code> {
        let now = now.parse().expect("a time");
        let form = PostedForm::parse(text).expect("a form");
        let case = Case::new("https://s3.eu-west-1.amazonaws.com/bkt-fake", now);
        let anatomy = Anatomy::of(&case.url).expect("a URL");
        findings(&form, &anatomy, &case)
            .iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn reads_json_pages_and_arguments() {
        let (policy, signature) = (policy(), signature());
        let in_json: String = SIGNED
            .iter()
            .map(|(name, value)| format!(r#","{name}":"{value}""#))
            .collect();
        let in_page: String = SIGNED
            .iter()
            .map(|(name, value)| format!("<input name={name} value='{value}'>"))
            .collect();
        let good = [
            format!(
                r#"{{"url":"u","fields":{{"key":"in/a","Content-Type":"image/jpeg",
                "policy":"{policy}"{in_json}}}}}"#
            ),
            format!(
                "<form method=post enctype=\"multipart/form-data\">\
                 <input type=hidden name=\"key\" value='in/a'><input name=Content-Type \
                 value=image/jpeg><input name=policy value=\"{policy}\"/>{in_page}<input \
                 type=\"file\" name=\"file\"></form>"
            ),
            format!(
                "curl -F key=in/a \\\n -F 'Content-Type=image/jpeg' --form \"policy={policy}\" \
                 {signature} -F file=@a.jpg URL"
            ),
        ];
        for text in good {
            assert_eq!(codes(&text, "2026-11-30T00:00:00Z"), [], "{text}");
        }
    }

    #[test]
    fn finds_what_a_store_refuses() {
        let (policy, signature) = (policy(), signature());
        for (text, codes_found) in [
            (
                format!(
                    "-F key=out/a -F Content-Type=image/jpeg -F policy={policy} {signature} -F \
                     file=@a"
                ),
                vec![Code::PolicyConditionFailed],
            ),
            (
                format!("-F key=in/a -F policy={policy} {signature} -F file=@a"),
                vec![Code::PolicyConditionFailed],
            ),
            (
                format!(
                    "-F key=in/a -F Content-Type=image/jpeg -F x=y -F policy={policy} {signature} \
                     -F file=@a"
                ),
                vec![Code::PolicyConditionFailed],
            ),
            (
                format!(
                    "-F file=@a -F key=in/a -F Content-Type=image/jpeg -F policy={policy} \
                     {signature}"
                ),
                vec![Code::FormMalformed],
            ),
            (
                format!("-F key=in/a -F Content-Type=image/jpeg -F policy={policy} {signature}"),
                vec![Code::FormMalformed],
            ),
            (
                format!("-F key=in/a -F \"policy=b'{policy}'\" {signature} -F file=@a"),
                vec![Code::FormMalformed],
            ),
            (
                format!("-F key=in/a {signature} -F file=@a"),
                vec![Code::FormMalformed],
            ),
        ] {
            assert_eq!(codes(&text, "2026-11-30T00:00:00Z"), codes_found, "{text}");
        }
        let text = format!(
            "-F key=in/a -F Content-Type=image/jpeg -F policy={policy} {signature} -F file=@a"
        );
        assert_eq!(codes(&text, "2026-12-02T00:00:00Z"), [Code::Expired]);
    }
}
