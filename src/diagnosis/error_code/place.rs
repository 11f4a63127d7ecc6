//! Refusals of region, service, host and addressing.

use crate::diagnosis::checks::{again, again_at_host, again_at_port, region_command};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::host::host_name;
use crate::store::{Endpoint, is_region_name};
use crate::text::escape_controls;

use super::Reader;

impl Reader<'_> {
    pub(super) fn stated_region(&self) -> Option<&str> {
        let of_header = || self.response.header("x-amz-bucket-region");
        self.response.element("Region").or_else(of_header)
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.stated_region().filter(|text| is_region_name(text))
    }

    pub(super) fn scope_region(&self) -> &str {
        self.anatomy
            .credential
            .as_ref()
            .map_or("", |credential| credential.region.as_str())
    }

    /// Region names in the store's sentence: `expecting 'x'`, `Must be one of: a, b`, a scope.
    pub(super) fn region_of_sentence(&self) -> Option<String> {
        self.response.sentences().into_iter().find_map(|text| {
            let quoted = |mark: &str| {
                let (_, rest) = text.split_once(mark)?;
                let rest = rest.trim_start().trim_start_matches(['\'', '"', '`']);
                let end = rest.find(['\'', '"', '`', ',', ' ']).unwrap_or(rest.len());
                Some(rest[..end].trim_end_matches(['.', ';']).to_owned())
            };
            let of_list = || {
                let (_, list) = text.split_once("one of:")?;
                let names: Vec<&str> = list.split(',').map(str::trim).collect();
                let name = names
                    .iter()
                    .find(|name| **name == "auto")
                    .or(names.first())?;
                Some((*name).to_owned())
            };
            let of_scope = || quoted("expected:")?.split('/').nth(1).map(str::to_owned);
            quoted("expecting")
                .or_else(of_list)
                .or_else(of_scope)
                .filter(|name| is_region_name(name))
        })
    }

    pub(super) fn region_refused(&self) -> Vec<Finding> {
        let of_host = self
            .anatomy
            .recognized
            .as_ref()
            .and_then(|recognized| recognized.region.clone());
        let named = self
            .region()
            .map(str::to_owned)
            .or_else(|| self.region_of_sentence())
            .or(of_host);
        let scope = self.scope_region();
        match named {
            Some(region) if region != scope => vec![
                Finding::certain(
                    Code::WrongRegion,
                    format!(
                        "the link is signed for `{}`, and the store expects `{}`",
                        escape_controls(scope),
                        escape_controls(&region)
                    ),
                )
                .fix(format!(
                    "sign for it: `{}`",
                    region_command(self.anatomy, &region)
                )),
            ],
            // The same region: another part of the scope is wrong, and seen in the URL.
            Some(_) if !self.mentions("region") => Vec::new(),
            _ => vec![
                Finding::likely(
                    Code::WrongRegion,
                    format!(
                        "the store does not accept the region `{}`",
                        escape_controls(scope)
                    ),
                )
                .fix(format!(
                    "sign with the region of the store: `{}`",
                    region_command(self.anatomy, "REGION")
                )),
            ],
        }
    }

    pub(super) fn redirected(&self) -> Vec<Finding> {
        let endpoint = self.response.element("Endpoint");
        let location = self
            .response
            .header("location")
            .map(|location| location.split('?').next().unwrap_or(location));
        let stated_region = self
            .stated_region()
            .filter(|region| *region != self.scope_region());
        let region = stated_region.filter(|region| is_region_name(region));
        let place = endpoint
            .or(location)
            .or(stated_region)
            .unwrap_or("another endpoint");
        let fix = match (region, endpoint) {
            (Some(region), _) => format!(
                "sign for the bucket's region: `{}`",
                region_command(self.anatomy, region)
            ),
            (None, Some(endpoint)) if Endpoint::parse(endpoint).is_ok() => format!(
                "sign for that endpoint: `{}`",
                again_at_host(self.anatomy, endpoint)
            ),
            (None, _) => "sign for the endpoint to which it leads".to_owned(),
        };
        let finding = Finding::certain(
            Code::Redirected,
            format!(
                "the store sends the request on to `{}`, which was not signed",
                escape_controls(place)
            ),
        );
        let finding = match stated_region {
            Some(text) if region.is_none() => finding.evidence(format!(
                "the store gives the region as `{}`, which is no name of a region",
                escape_controls(text)
            )),
            _ => finding,
        };
        vec![finding.fix(fix)]
    }

    pub(super) fn illegal_location(&self) -> Vec<Finding> {
        let host = host_name(&self.anatomy.parts.authority);
        if host.ends_with("s3.amazonaws.com") {
            return vec![
                Finding::certain(
                    Code::GlobalEndpoint,
                    "the bucket is in a region that the global endpoint does not serve",
                )
                .fix(format!(
                    "sign for the region's own endpoint: `{}`",
                    region_command(self.anatomy, self.scope_region())
                )),
            ];
        }
        vec![
            Finding::certain(
                Code::WrongRegion,
                "the bucket is in another region than this endpoint",
            )
            .fix(format!(
                "sign with the bucket's region: `{}`",
                region_command(self.anatomy, "REGION")
            )),
        ]
    }

    pub(super) fn wrong_service(&self) -> Finding {
        Finding::certain(
            Code::WrongService,
            "the store refuses the service in the credential scope",
        )
        .fix(format!(
            "make the link for the service `s3`: {}",
            self.again()
        ))
    }

    pub(super) fn wrong_addressing(&self) -> Finding {
        Finding::certain(
            Code::WrongAddressing,
            "the store accepts only the other addressing style",
        )
        .fix(format!(
            "make the link in the other style: `{}`",
            again(self.anatomy).option("--addressing", self.anatomy.other_addressing())
        ))
    }

    pub(super) fn bucket_creation(&self) -> Finding {
        Finding::certain(
            Code::WrongAddressing,
            "the store read the request as one about a bucket itself: the URL names no \
                     bucket, or no key, in the place where the store looks for it",
        )
        .fix(
            "name both: `cos-presign put BUCKET/KEY --endpoint https://HOST --region \
                     REGION --addressing path`",
        )
    }

    pub(super) fn acceleration_off(&self) -> Finding {
        Finding::certain(
            Code::AccelerationOff,
            "Transfer Acceleration is not available for this bucket",
        )
        .fix(format!(
            "make the link for the regional host: `{}`",
            region_command(self.anatomy, self.scope_region())
        ))
    }

    pub(super) fn console_port(&self) -> Finding {
        Finding::certain(
            Code::ConsolePort,
            "the URL leads to the web console of the \
                     store, not to its API",
        )
        .fix(format!(
            "make the link for the port of the API, 9000 by default: `{}`",
            again_at_port(self.anatomy, 9000)
        ))
    }
}
