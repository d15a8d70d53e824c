"""Words that tell a customer from a product: product nouns, brands, company endings, places. R-QE-1.

Data first, then look-ups. A tenant's own product names are handed in beside these (see sales/facts.py).
"""

from __future__ import annotations

import re

_MEDICAL = """
ct ct机 dr dr机 cr mr mri dsa 核磁 核磁共振 磁共振 磁共振仪 pet pet-ct petct pet/ct spect cbct ecmo pcr pcr仪
x光机 x线机 x射线机
数字胃肠机 胃肠机 c臂 c臂机 c形臂 c型臂 g臂 彩超 彩超机 b超 b超机 超声 超声机 超声仪 超声刀 超声波 黑白超 乳腺机
钼靶 骨密度仪 骨密度 血管机 造影机
监护仪 呼吸机 麻醉机 除颤仪 除颤器 aed 心电图机 心电图 心电监护 动态心电 脑电图机 肌电图机 输液泵 注射泵 微泵
内窥镜 内镜 胃镜 肠镜 腹腔镜 宫腔镜 关节镜
支气管镜 膀胱镜 喉镜 胸腔镜 裂隙灯 眼底相机 验光仪 手术床 手术台 手术灯 无影灯 吊塔 病床 护理床 产床 电刀 高频电刀
电切镜 血球仪 血细胞分析仪 生化仪
生化分析仪 化学发光仪 发光仪 免疫分析仪 尿液分析仪 血气分析仪 血凝仪 血糖仪 血压计 体温计 体温枪 试剂 试剂盒 试纸
测序仪 离心机 培养箱 生物安全柜
显微镜 酶标仪 洗板机 流式细胞仪 质谱仪 色谱仪 核酸检测仪 灭菌器 灭菌柜 消毒柜 消毒机 清洗机 透析机 血透机 血透
体外循环机 碎石机 激光 激光治疗仪
理疗仪 治疗仪 牙椅 牙科椅 种植体 口腔ct 口扫 直线加速器 直加 伽马刀 高压氧舱 制氧机 雾化器 助听器 轮椅 康复机器人
手术机器人 达芬奇 支架 导管 导丝
球囊 起搏器 缝合线 吻合器 人工关节 骨板 耗材 口罩 手套 防护服 敷料 纱布 注射器 采血管 疫苗 药品 中药 胰岛素 医疗床
医疗柜 医疗车 救护车 球管 探头
胶片 高压注射器 高注 负压吸引 供氧系统 护士站 医院管理系统 医院信息系统 his his系统 pacs pacs系统 lis lis系统 emr
电子病历 护理系统 院感系统
"""
_GENERAL = """
服务器 云服务器 电脑 笔记本 台式机 打印机 复印机 交换机 路由器 防火墙 存储 摄像头 监控 监控系统 门禁 erp erp系统
crm crm系统 oa oa系统 mes mes系统
wms plm saas 云服务 云桌面 数据库 小程序 app 网站 官网 软件 管理系统 系统 平台 中台 数字人 大模型 机器人
工业机器人 机械臂 数控机床 机床 加工中心 车床 铣床
注塑机 冲床 激光切割机 切割机 焊机 空压机 叉车 挖掘机 装载机 泵车 起重机 塔吊 搅拌车 压路机 水泵 电机 减速机 阀门
轴承 传感器 plc 变频器 空调 中央空调
冷水机组 电梯 扶梯 变压器 逆变器 光伏组件 组件 光伏 光伏板 储能 储能柜 储能系统 充电桩 电池 锂电池 发电机 电缆
配电柜 轮胎 刹车片 滤芯 机油 车灯 汽配
钢材 钢管 水泥 混凝土 瓷砖 涂料 防水涂料 管材 门窗 地板 石膏板 木门 玻璃 铝材 课程 培训 内训 教材 课桌椅 课桌
投影仪 白板 智慧黑板 一体机 学习机 实验台
实训台 咨询 咨询服务 审计 代账 财税 法律顾问 广告 广告位 设计服务 牛奶 饮料 白酒 啤酒 大米 食用油 纸巾 洗衣液
方便面 零食 货架 收银机 收银系统 pos机
冰柜 冷柜 电视 电视机 洗衣机 冰箱 手机 平板 维保 维保服务 维修 保养 配件 备件 租赁 会员 套餐 许可证 license
办公家具 桌椅 工作服 包装盒 纸箱 标签机 灌装机
"""
_BRANDS = """
西门子 飞利浦 联影 迈瑞 东软 万东 开立 理邦 通用 ge 佳能 东芝 富士 日立 岛津 三星 奥林巴斯 宾得 史赛克 美敦力 强生
罗氏 雅培 贝克曼 希森美康 安图 新产业
鱼跃 欧姆龙 三诺 谊安 德尔格 迈柯唯 洁定 新华 老肯 威高 乐普 华为 浪潮 联想 戴尔 惠普 新华三 h3c 海康 大华 思科
用友 金蝶 格力 美的 海尔 大金 三一 徐工 中联
柳工 卡特 小松 日立电梯 通力 奥的斯 迅达 三菱 隆基 阳光电源 宁德时代 比亚迪 米其林 马牌 东鹏 立邦 siemens philips
mindray
"""
_MODIFIERS = """
便携式 便携 移动式 移动 手持式 手持 台式 车载 床旁 四维 三维 二维 全自动 半自动 自动 高端 中端 低端 二手 国产 进口
多参数 多功能 多排 数字 数字化 电子 医用 家用
兽用 智能 无线 悬吊 双板 单板 双立柱 四柱 立式 卧式 永磁 超导 双源 螺旋 大孔径 高清 荧光 软性 硬性 一次性 有创
无创 高频 全数字 彩色 多普勒 新款 新 大型 小型
中型 工业 商用 企业 定制 标准 旗舰 高压 低压 双能 三类 眼科 妇科 心脏 口腔 乳腺 儿科 全身 柔性 钛合金 通用型
经济型
"""
_FULL_ENDINGS = """
股份有限公司 有限责任公司 有限公司 分公司 子公司 总公司 公司 集团 医院 卫生院 卫生服务中心 卫生服务站 卫生所
卫生室 诊所 门诊部 门诊 保健院 保健所 疾控中心 疾控 体检中心
血站 血液中心 护理院 养老院 敬老院 福利院 研究院 研究所 科学院 设计院 学院 大学 学校 中学 小学 高中 职校 技校
幼儿园 银行 支行 总院 分院 附院 一院 二院 三院
四院 五院 六院 七院 八院 九院 十院 省院 市院 县院 附一 附二 一附院 二附院 妇幼 检察院 法院 公安局 卫生局 教育局
财政局 税务局 交通局 卫健委 医学中心 医疗中心 康复中心
妇幼中心 急救中心 检验所 检验中心 影像中心 采购中心 信息中心 数据中心 服务中心 药房 药店 超市 酒店 宾馆 商场 门店
专卖店 旗舰店 4s店 工厂 药厂 器厂 机厂 钢厂 电厂
纸厂 总厂 分厂 事务所 合作社 协会 学会 基金会 商会 商行 经销部 经营部 批发部 工作室 俱乐部 工作站点 街道办 管委会
村委会 居委会
"""
_SOFT_ENDINGS = """
医疗器械 医疗 器械 科技 医药 药业 制药 生物 电子 电气 电器 机械 重工 汽车 汽配 能源 新能源 电力 电网 化工 化学
建材 钢铁 食品 商贸 贸易 物流 传媒 教育 实业 置业 地产 建筑
建设 工程 网络 信息 智能 数码 材料 新材 光电 半导体 通信 仪器 健康 康复 口腔 眼科 齿科 牙科 美容 医美 体检 妇产
骨科 肿瘤 儿童 农业 牧业 服饰 家居 控股 投资 资本
保险 证券 工业 制造 股份 连锁 国际 环保 矿业 航空 航天 船舶 纺织 印刷 包装 装饰 装备 动力 精工 精密 自动化 文化
旅游 餐饮 乳业 酒业 动物 宠物 移动 联通 电信 供应链
"""
_PLACES = """
北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州
云南 陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 台湾
华东 华南 华北 华中 东北 西北 西南 长三角 珠三角 石家庄 唐山 秦皇岛 邯郸 保定 太原 大同 沈阳 大连 鞍山 长春 哈尔滨
大庆 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州
镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 合肥 芜湖 蚌埠 淮南 马鞍山 安庆 黄山
滁州 阜阳 宿州 六安 亳州 宣城 福州 厦门 莆田 泉州 漳州
龙岩 南昌 九江 赣州 上饶 济南 青岛 淄博 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 菏泽 郑州 开封 洛阳 新乡 许昌
南阳 商丘 信阳 武汉 黄石 十堰 宜昌 襄阳 荆州 长沙
株洲 湘潭 衡阳 岳阳 常德 郴州 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 东莞 中山 潮州 揭阳 南宁
柳州 桂林 海口 三亚 成都 自贡 绵阳 德阳 宜宾 南充 泸州
贵阳 遵义 昆明 曲靖 大理 西安 宝鸡 咸阳 兰州 西宁 银川 乌鲁木齐 呼和浩特 包头 拉萨 昆山 江阴 张家港 常熟 太仓 宜兴
海安 如皋 余姚 慈溪 诸暨 浦东 嘉定 松江 余杭 萧山 鼓楼
"""


def _sort(words: str) -> tuple[str, ...]:
    return tuple(sorted(set(words.split()), key=lambda word: (-len(word), word)))


def _any(words: str) -> str:
    return "|".join(map(re.escape, _sort(words)))


PRODUCTS = frozenset((_MEDICAL + _GENERAL).split())
LONGEST = max(map(len, PRODUCTS))
FULL_ENDING = re.compile(_any(_FULL_ENDINGS))
SOFT_ENDING = re.compile(_any(_SOFT_ENDINGS))
ENDINGS_ONLY = re.compile(f"(?:{_any(_FULL_ENDINGS + _SOFT_ENDINGS)})+")
PLACE = re.compile(f"(?:{_any(_PLACES)})(?:自治区|[省市县区])?")
PLACES_ONLY = re.compile(f"(?:(?:{_any(_PLACES)})(?:自治区|[省市县区])?)+(?:[\\u4e00-\\u9fff]{{1,3}}[县区市镇])?")
SPEC = re.compile(
    r"[0-9]+(?:\.[0-9]+)?(?:排|层|t|维|通道|导|英寸|寸|k|w|kw|kva|mm|cm|ml|升|孔|芯|位|路|点|匹|吨|人份|万?像素"
    r"|型|系列|版)"
)
_BRAND_OR_MODIFIER = re.compile(f"(?:{_any(_BRANDS + _MODIFIERS)})")
_LAST_MODIFIER = re.compile(f"(?:{_any(_BRANDS + _MODIFIERS)}|{SPEC.pattern}|[a-z0-9][a-z0-9.+-]*|[ ·的])$")
_PRODUCT_ENDING = re.compile(
    r"(?:[机仪器泵阀柜床灯镜刀箱车塔椅舱]|系统|平台|软件|设备|试剂|套件|模块|组件|服务|方案|耗材|材料|探头"
    r"|线缆|工具|机组|课程|装置|产线|项目|零件|配件)$"
)
ACCESSORY = re.compile(
    r"球管|探头|配件|备件|维保|维保服务|维修|保养|耗材|试剂|系统|软件|平台|服务|电池|租赁|升级|套餐|license",
    re.IGNORECASE,
)
_SELF_MADE = re.compile(r"[\u4e00-\u9fff]{1,5}[式型用款级]$")


def begins_with_place(text: str) -> bool:
    """True for a text that begins with a known town, province or region."""
    return PLACE.match(text) is not None


def begins_with_product(text: str) -> bool:
    """True for a text that begins with a known product noun, after brands and modifiers."""
    small = text.lower().lstrip()
    while modifier := _BRAND_OR_MODIFIER.match(small):
        small = small[modifier.end() :]
    return product_at_start(small, PRODUCTS) > 0


def product_at_start(text: str, known: frozenset[str]) -> int:
    """Length of the longest product name the text begins with; 0 for none. `text` is in small letters."""
    for size in range(min(len(text), 24), 0, -1):
        if text[:size] in known and not splits_word(text, size):
            return size
    return 0


def product_at_end(text: str, known: frozenset[str]) -> int:
    """Where the longest product name at the end of the text begins; -1 for none."""
    for start in range(max(0, len(text) - 24), len(text)):
        if text[start:] in known and not splits_word(text, start):
            return start
    return -1


def splits_word(text: str, at: int) -> bool:
    """True between two Latin letters or digits: the CT of uCT is no CT."""
    pair = text[at - 1 : at + 1] if at else ""
    return len(pair) == 2 and pair.isascii() and pair.isalnum()


def widen_left(text: str, start: int) -> int:
    """Where a product phrase begins when its brand, modifiers and figures (西门子64排便携) belong to it."""
    while start and (found := _LAST_MODIFIER.search(text, 0, start)):
        start = found.start()
    return start


def is_modifier(text: str) -> bool:
    """True for words that only describe a product: a brand, 便携式, 64排, XG-200."""
    return bool(text) and (widen_left(text, len(text)) == 0 or _SELF_MADE.fullmatch(text) is not None)


def sounds_like_product(text: str) -> bool:
    """True for an unknown word that ends as products do: 灭菌柜, 排班系统."""
    return len(text) >= 2 and _PRODUCT_ENDING.search(text) is not None
