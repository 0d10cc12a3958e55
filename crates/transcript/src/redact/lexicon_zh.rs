//! Chinese phrases and words. Every sign is a token of its own, so that lists of words are lists of signs.

use super::lexicon::{BACK, BEFORE, Cue, FILLER, IS, REQUEST, UNIT};

/// Phrases in simplified and traditional signs, separated by spaces.
pub(super) const PHRASES: &[(Cue, &str)] = &[
    (Cue::Card, "卡 信用卡 银行卡 銀行卡 储蓄卡 借记卡"),
    (Cue::CardNumber, "卡号 卡號 卡号码 信用卡号 信用卡號 信用卡号码 银行卡号 銀行卡號 银行卡号码 储蓄卡号"),
    (Cue::Cvv, "安全码 安全碼 信用卡安全码 校验码 卡验证码 背面三位 背面的三位 背面三位数 卡背面 卡片背面"),
    (Cue::Code, "验证码 驗證碼"),
    (Cue::Pin, "密码 密碼 支付密码 取款密码 交易密码 查询密码 提款密碼 口令 动态码"),
    (Cue::Bank, "账号 帐号 賬號 帳號 账户 帐户 賬戶 银行账号 银行帐号 银行账户 账户号码"),
    (
        Cue::Id,
        "身份证 身份證 身份证号 身份證號 身份证号码 身份證號碼 证件号 证件号码 护照 護照 护照号 护照号码 護照號碼 驾照 驾照号 驾驶证 驾驶证号 社保号 \
         社保卡号 社会保障号 社会保障号码 社会保险号 纳税人识别号 税号 税务登记号 港澳通行证",
    ),
    (Cue::Phone, "电话 電話 电话号码 電話號碼 手机 手機 手机号 手机号码 手機號碼 座机 联系方式 联系电话"),
    (
        Cue::Other,
        "订单 訂單 订单号 訂單號 单号 单号码 快递单号 运单号 流水号 编号 编码 型号 版本 发票 发票号 合同 合同号 工单 工单号 房间 房间号 航班 航班号 \
         会员卡号 会员号 邮编 邮政编码 价格 总价 金额 余额 预算 费用 多少钱 几个 多少个 多少人 优惠码 邀请码 二维码 条形码",
    ),
    (Cue::LastFour, "尾号 尾號 后四位 後四位 末四位 最后四位 后4位 末4位 最后4位"),
];

/// Zero to nine as they are spoken.
pub(super) const DIGITS: &str = "零 一 二 三 四 五 六 七 八 九";
/// Other signs and words for digits.
pub(super) const MORE_DIGITS: &[(&str, u8)] = &[("〇", 0), ("幺", 1), ("两", 2)];

/// Words by what they can be.
pub(super) const LISTS: &[(u16, &str)] = &[
    (FILLER, "嗯 呃 啊 额"),
    (BACK, "嗯 呃 啊 额 好 的 对 對 行 请 請 继 续 说 谢 您 你 了"),
    (REQUEST, "请 請 吗 嗎 什 么 多 少 哪 几 告 诉 报"),
    (UNIT, "元 块 塊 圆 个 個 人 位 名 家 台 套 次 天 年 月 日 号 點 点 分 秒 岁 万 萬 千 百 十 亿 度 楼 层"),
    (BEFORE, "第 约 近 到 在 从"),
    (IS, "是 为 為"),
];
