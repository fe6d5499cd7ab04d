"""What columns are called in five languages: words -> concepts -> canonical fields."""

import difflib
import re
from dataclasses import dataclass
from functools import cache

from everybirth.schema import column_words

# What a row says that sums up those above it.
TOTALS = (
    r"(?i)^(?:(?:grand |sub[ -]?|sous[ -])?(?:total|totals|totales|totais|totaux)(?: general| geral)?|sumas?|somme"
    r"|合计|合計|总计|總計|共计|共計|小计|小計|总数|總數)$"
)

# concepts -> words that carry them, without accents
_WORDS: dict[str, str] = {
    "child": """
        child newborn baby infant neonate nino nina bebe nacido recien hijo hija enfant nouveau crianca recem
        rn 新生儿 婴儿 孩子 儿童 子女 宝宝 小孩 幼儿""",
    "mother": """
        mother mothers mom mum maternal madre materno materna mere maternel mae 母亲 产妇 孕产妇 孕妇 妈妈 母""",
    "father": "father fathers dad paternal padre paterno paterna pere paternel pai husband 父亲 爸爸 丈夫 父",
    "other": """
        informant declarant witness doctor midwife nurse interviewer reporter registrar attendant user operator
        head informante declarante testigo medico partera usuario jefe temoin medecin sage femme agent
        enqueteur testemunha parteira pediatrician guardian grandmother tutor responsable 接生 医生 护士 填表
        经办 监护人 户主 申报人""",
    "name": "name names nombre nom noms nome nomes nm 姓名 名字",
    "given": "given first forename prenom prenoms prenome firstname forenames nombres pila 名",
    "family": "family surname last apellido apellidos famille sobrenome apelido lastname surnames 姓 姓氏",
    "whole": "full complete completo completa complet integral",
    "birth": "birth born nacimiento nac naissance naiss nascimento nasc bth 出生",
    "birth delivery": "delivery delivered parto accouchement 分娩",
    "date": "date day on dt fecha fec data jour dia datetime 日期 时间 年月日 日",
    "birth date": "dob birthday ne nee fnac 生日",
    "time": "time hour hora heure hhmm 时刻",
    "sex": "sex gender sexo genero sexe genre 性别",
    "weight": "weight wt bwt peso poids gram grams gramos grammes 体重",
    "plural": """
        plurality multiple multiples twins fetuses gemelar multiplicity gemelaridad jumeaux gemelaridade 胎数
        多胎 双胎""",
    "twin": "twin gemelo jumeau gemeo 双胞胎",
    "order": "order rank orden ordre ordem 顺序 次序",
    "age": "age edad idade 年龄 周岁",
    "years": "years anos ans",
    "id": """
        id ident identifier identity uid uuid nid nic cnic dni cedula curp cpf passport national identidad
        identificacion identite identifiant documento identificador 身份证 证件""",
    "phone": """
        phone telephone tel mobile cell cellphone contact msisdn telefono celular movil contacto portable
        telefone telemovel contato 电话 手机 联系方式 联系电话""",
    "place": """
        place location area locality district ward county province region municipality town city village lugar
        zona localidad distrito municipio provincia departamento barrio vereda aldea lieu localite commune
        quartier departement ville local localidade cidade bairro mun loc community comunidad comunidade
        communaute 地点 地区 地 县 区 村 乡镇""",
    "residence": """
        residence residential address addr resident lives domicilio direccion residencia adresse domicile
        habitation endereco morada res 住址 地址 居住地 户籍地 现住""",
    "site": "site setting 场所",
    "type": "type kind tipo 类型",
    "facility": """
        facility hospital clinic maternity institution centre center establecimiento clinica maternidad
        institucion etablissement hopital clinique maternite formation estabelecimento unidade unidad estab
        医院 机构 卫生院""",
    "record": """
        record recorded reported report entry entered visit notification notified interview survey captura
        notificacion notificado visita encuesta reporte enquete visite notificacao inquerito created
        signalement 记录 上报 报告 填报 调查 录入""",
    "register": """
        registration registered register registry reg registro registrado inscripcion inscrito acta
        enregistrement registre declaration declaracion acte registo assento certificate certificado certificat
        certidao 登记 注册 出生证 出生医学证明 入户 报户口""",
    "number": "number no num numero nro nr n folio serial sequence seq case 编号 号码 号 序号",
    "code": "code cod codigo 代码",
    # no field needs it: what is only expected is no birth, but a pregnancy
    "expected": "expected probable provavel presume presumee prevu prevue previsto prevista esperada due 预计",
}

# field -> (concepts it needs, how surely they mean it); the person is taken care of apart
_PATTERNS: dict[str, tuple[tuple[str, float], ...]] = {
    "given_name": (("given", 1.0),),
    "family_name": (("family", 1.0),),
    "full_name": (("name", 0.95), ("whole name", 1.0), ("given family", 0.95)),
    "sex": (("sex", 1.0),),
    "birth_date": (("birth date", 1.0), ("birth", 0.75), ("date", 0.65)),
    "birth_weight": (("weight", 1.0),),
    "plurality": (("plural", 1.0), ("twin", 0.6)),
    "delivery_order": (("delivery order", 1.0), ("twin order", 1.0), ("twin number", 0.9)),
    "mother_age": (("age", 1.0),),
    "mother_id": (("id", 1.0), ("number", 0.65)),
    "phone": (("phone", 1.0),),
    "birth_place": (("birth place", 1.0),),
    "residence": (("residence", 1.0), ("place", 0.65)),
    "site": (("site", 1.0), ("birth place", 0.95), ("type place", 0.9)),
    "facility": (("facility", 1.0),),
    "recorded_on": (("record date", 1.0),),
    "registration_date": (("register date", 1.0),),
    "registration_number": (("register number", 1.0), ("register id", 1.0), ("register code", 0.9), ("register", 0.65)),
}
_NEUTRAL = {
    "name": {"whole"},
    "given_name": {"name"},
    "family_name": {"name"},
    "birth_date": {"delivery"},
    "birth_weight": {"birth"},
    "delivery_order": {"birth", "twin"},
    "mother_id": {"number", "code"},
    "mother_age": {"years", "birth", "delivery"},
    "phone": {"number"},
    "birth_place": {"delivery", "name", "code", "residence"},
    "residence": {"place", "name", "code"},
    "site": {"delivery", "birth", "place", "type", "code", "facility"},
    "facility": {"name", "code", "birth", "delivery", "id", "type"},
    "registration_date": {"birth"},
    "registration_number": {"birth", "code", "id", "number"},
    "plurality": {"birth", "number", "type", "delivery"},
}
_ANY_PERSON = ("phone", "residence", "facility", "site", "birth_place")  # the mother's residence is the birth's
_CONNECTING = re.compile("a|d|da|de|del|des|do|du|la|le|of|the|l|el|y|e|et|s|g")  # and the g of "weight_g"
_LEFT_OVER, _UNKNOWN = 0.5, 0.2  # taken off for a concept too many, for a word not known
_MISSPELT = 0.85  # at most, so that a person is asked to check


@dataclass(frozen=True, slots=True)
class Heading:
    """What the name of a column says."""

    concepts: frozenset[str]  # without persons
    persons: frozenset[str]
    unknown: int  # words that say nothing
    misspelt: bool = False  # whether a word was only taken for the one most like it

    def score(self, field: str) -> float:
        """How surely the column is this canonical field, 0 to 1."""
        person, _, rest = field.partition("_")
        if person not in ("child", "mother", "father"):
            person, rest = "", field
        elif field in _PATTERNS:
            rest = field
        if not self._fits(person, field):
            return 0.0
        neutral = _NEUTRAL.get(rest, set())
        best = 0.0
        for needed, sure in _PATTERNS[rest]:
            concepts = set(needed.split())
            if concepts <= self.concepts:
                left = len(self.concepts - concepts - neutral)
                best = max(best, sure - _LEFT_OVER * left - _UNKNOWN * self.unknown)
        return min(best, _MISSPELT) if self.misspelt else best

    def _fits(self, person: str, field: str) -> bool:
        if "other" in self.concepts:
            return False
        if field in _ANY_PERSON:
            return True
        if person in ("mother", "father"):
            return self.persons - {"child"} == {person}
        return self.persons <= {"child"}


@cache
def _by_word() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for concepts, words in _WORDS.items():
        for word in words.split():
            found[word] = found.get(word, frozenset()) | frozenset(concepts.split())
    return found


@cache
def _han() -> re.Pattern[str]:
    """Known Chinese words, the longest first: they are written without spaces."""
    words = sorted((word for word in _by_word() if not word.isascii()), key=lambda word: (-len(word), word))
    return re.compile("|".join(words))


def heading(column: str, *, tolerant: bool = True) -> Heading:
    """Read the name of a column; `tolerant` also takes misspelt words (slow for thousands of columns)."""
    known = _by_word()
    concepts: set[str] = set()
    unknown = 0
    misspelt = False
    words = [word for word in column_words(column) if not _CONNECTING.fullmatch(word)]
    for word in words:
        parts = _split(word) if word.isascii() else _han().findall(word)
        if not parts and tolerant and len(word) > 4:
            parts = difflib.get_close_matches(word, known, n=1, cutoff=0.8)
            misspelt |= bool(parts)
        unknown += not parts
        for part in parts:
            concepts |= known[part]
    concepts = _surnames(set(words), concepts)
    persons = concepts & {"child", "mother", "father"}
    return Heading(frozenset(concepts - persons), frozenset(persons), unknown, misspelt)


def _surnames(words: set[str], concepts: set[str]) -> set[str]:
    """Spanish "apellido paterno" is the child's first surname, "apellido materno" its second: they name no parent."""
    if words & {"apellido", "apellidos"} and not words & {"padre", "madre"}:
        if "paterno" in words or "primer" in words:
            return {"family"}
        if "materno" in words or "segundo" in words:
            return {"other"}
    return concepts


def _split(word: str) -> list[str]:
    """The fewest known words that make up a word written as one ("fechanacimiento"), or nothing."""
    known = _by_word()
    if word in known or len(word) < 5:
        return [word] if word in known else []
    best: list[list[str] | None] = [[], *[None] * len(word)]
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 14), end - 1):
            before, piece, here = best[start], word[start:end], best[end]
            if before is not None and piece in known and (here is None or len(before) + 1 < len(here)):
                best[end] = [*before, piece]
    return best[len(word)] or []
