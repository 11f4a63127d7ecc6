//! China Mobile EOS.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "chinamobile",
    name: "China Mobile EOS",
    aliases: &["eos"],
    hosts: &[host("eos-{region}.cmecloud.cn")],
    regions: &[
        "wuxi-1",
        "jinan-1",
        "ningbo-1",
        "shanghai-1",
        "zhengzhou-1",
        "hunan-1",
        "zhuzhou-1",
        "guangzhou-1",
        "dongguan-1",
        "beijing-1",
        "beijing-2",
        "beijing-4",
        "huhehaote-1",
        "chengdu-1",
        "chongqing-1",
        "guiyang-1",
        "xian-1",
        "yunnan",
        "yunnan-2",
        "tianjin-1",
        "jilin-1",
        "hubei-1",
        "jiangxi-1",
        "gansu-1",
        "shanxi-1",
        "liaoning-1",
        "hebei-1",
        "fujian-1",
        "guangxi-1",
        "anhui-1",
    ],
    notes: &["every region has its own host"],
    ..HOSTED
};
