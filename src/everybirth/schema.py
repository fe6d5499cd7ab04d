"""The fields of a birth record: name, kind, unit, codes; and the fields that are refused."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """How the values of a field are read, cleaned and compared."""

    NAME = "name"  # a person's name: spelling varies, near-agreement counts
    CATEGORY = "category"  # one of a few codes: sex, site
    NUMBER = "number"  # a measured or counted quantity
    DATE = "date"  # a calendar day
    CODE = "code"  # an identifier or place code: equal or not, nearly equal by a slip


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical field of a birth record."""

    name: str
    kind: Kind
    unit: str = ""
    codes: tuple[str, ...] = ()  # for a category: the standard codes
    whole_of: tuple[str, str] | None = None  # for a full name: the given and the family name it holds


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("child_given_name", Kind.NAME),
        Field("child_family_name", Kind.NAME),
        Field("child_full_name", Kind.NAME, whole_of=("child_given_name", "child_family_name")),
        Field("sex", Kind.CATEGORY, codes=("female", "male")),
        Field("birth_date", Kind.DATE, unit="day"),
        Field("birth_weight", Kind.NUMBER, unit="g"),
        Field("plurality", Kind.NUMBER, unit="children"),
        Field("delivery_order", Kind.NUMBER, unit="rank"),
        Field("mother_given_name", Kind.NAME),
        Field("mother_family_name", Kind.NAME),
        Field("mother_full_name", Kind.NAME, whole_of=("mother_given_name", "mother_family_name")),
        Field("mother_birth_date", Kind.DATE, unit="day"),
        Field("mother_age", Kind.NUMBER, unit="years"),
        Field("mother_id", Kind.CODE),
        Field("father_given_name", Kind.NAME),
        Field("father_family_name", Kind.NAME),
        Field("father_full_name", Kind.NAME, whole_of=("father_given_name", "father_family_name")),
        Field("phone", Kind.CODE),
        Field("birth_place", Kind.CODE),
        Field("residence", Kind.CODE),
        Field("site", Kind.CATEGORY, codes=("facility", "home", "other")),
        Field("facility", Kind.CODE),
        Field("recorded_on", Kind.DATE, unit="day"),
        Field("registration_date", Kind.DATE, unit="day"),
        Field("registration_number", Kind.CODE),
    )
}

# Fields that serve the comparison of records only: nothing about the mother's other deliveries may follow from them.
MOTHER_ONLY_FOR_COMPARISON = ("mother_id", "mother_birth_date", "phone")

EXTRA_PREFIX = "extra."  # a further compared column "ward" is held as the column "extra.ward"

# What a column may not hold, whatever it is called: category -> patterns over the words of a column's name,
# connecting words and accents left out. "word" is a whole word; "stem*" begins a word; "two words" follow each other,
# or are written as one; "=all" is the whole name. Chinese patterns are found anywhere in the name.
_REFUSED: dict[str, str] = {
    "contraception, sterilisation and fertility treatment": """
        contracept*; birth control; family planning; sterilis*; steriliz*; vasectom*; tubal ligation; iud; ivf;
        fertility; infertil*; assisted reproduction; anticoncep*; planificacion familiar; esteriliz*; ligadura;
        diu; fertilidad; fertilizacion; reproduccion asistida; fiv; planification familiale; ligature trompes;
        sterilet; fertilite; fecondation; pma; contracepc*; planejamento familiar; planeamento familiar;
        laqueadura; fertilidade; fertilizacao; fecundacion; reproducao assistida; 避孕; 节育; 節育; 绝育; 絕育;
        上环; 结扎; 結紮; 计划生育; 計劃生育; 计生; 辅助生殖; 试管""",
    "permits, quotas and fines": """
        permit; permits; birth permission; quota; quotas; =fine; =fines; fine amount; fine paid; birth fine;
        birth fines; authorised birth; authorized birth; unauthorised birth; unauthorized birth; out plan;
        cuota; cuotas; permiso; permisos; multa; multas; permis naissance; amende; amendes; cota; cotas;
        autorizacao nascimento; 准生; 生育证; 生育證; 生育服务证; 生育指标; 指标; 罚款; 罰款; 抚养费; 撫養費;
        超生; 政策内; 政策外; 计划内; 计划外""",
    "marital status and legitimacy": """
        marital*; marriage*; married; unmarried; wedlock; legitim*; illegitim*; civil status; divorc*; widow*;
        cohabit*; spousal; estado civil; conyugal; casado; casada; soltero; soltera; matrimoni*; union libre;
        ilegitim*; viuda; extramarital; extramatrimonial; =etat civil; =etat civil mere; =etat civil pere;
        =etat civil parents; mariage; mariee; celibataire; conjugal*; solteira; solteiro; casamento; viuva;
        estcivmae; estcivil; 婚""",
    "foetal deaths and abortions": """
        abort*; miscarr*; stillbirth*; stillborn*; still birth*; foetal; fetal; foetus; fetus; mortinat*;
        natimort*; nacido muerto; nacidos muertos; avortement*; fausse couche; fausses couches; ivg; mort ne;
        mort nes; nascido morto; nascidos mortos; 流产; 流產; 堕胎; 墮胎; 死胎; 死产; 死產; 引产; 引產; 人流;
        终止妊娠""",
    "parity, birth order and earlier births": """
        parity; paritygroup; gravid*; =para; primipar*; multipar*; nullipar*; primigrav*; multigrav*;
        birth order; order birth; birth rank; birthorder; first birth; firstborn; children ever*; =ceb;
        number children; num children; no children; nb children; n children; total children; live children;
        living children; children living; children alive; children born; children dead; surviving children;
        previous birth; previous births; prior birth; prior births; earlier births; last birth;
        last live birth; previous live*; previous deliver*; prior deliver*; previous children; preceding birth;
        birth interval; interval since; interbirth; interval months; sibling*; live births; orden nacimiento;
        paridad; paridez; gesta; gestas; partos previos; partos anteriores; parto anterior; numero partos;
        num partos; hijos nacidos; hijos vivos; hijos muertos; hijos fallecidos; hijos tenidos; hijos previos;
        numero hijos; num hijos; no hijos; n hijos; total hijos; intergenesic*; hermanos; multigesta;
        primigesta; parite; gestite; rang naissance; ordre naissance; nombre enfants; nb enfants;
        enfants vivants; enfants nes; enfants decedes; naissance precedente; naissances anterieures;
        accouchements anterieurs; fratrie; paridade; ordem nascimento; numero filhos; num filhos; no filhos;
        n filhos; filhos vivos; filhos mortos; filhos tidos; filhos nascidos; qtdfilviv*; qtdfilmort; qtdpart*;
        intervalo nascimentos; intervalo partos; irmaos; 胎次; 孕次; 产次; 產次; 孩次; 生育史; 子女数; 子女數;
        孩子数; 现有子女; 活产数; 第几胎; 第几孩; 孕产史; 头胎; 一孩; 二孩; 多孩; 独生; 出生顺序; 生育间隔""",
    "pregnancy and prenatal care": """
        pregnan*; gestation*; gestac*; =ga; ga weeks; =lmp; lmp date; date lmp; last menses; menses; menstru*;
        last period; edd; due date; expected delivery; prenatal*; antenatal*; anc; trimester*; preterm;
        premature; prematurity; embaraz*; =fum; fecha fum; =fpp; ultima regla; control prenatal; pre natal;
        grossesse*; enceinte; semaines amenorrhee; amenorrhee; =ddr; date ddr; dernieres regles; cpn;
        date prevue accouchement; gestante*; =dum; data dum; dtultmenst; semagestac*; mesprenat; consprenat;
        qtdgestant; kotelchuck; 怀孕; 懷孕; 妊娠; 孕; 月经; 月經; 预产; 預產; 产检; 產檢; 产前; 產前""",
    "ethnicity and religion": """
        ethni*; race; racial; tribe; tribal; caste; casta; religi*; faith; skin colour; skin color; indigenous;
        etnia*; etnic*; raza; indigena*; pueblo originario; tribu; ethnie; confession; raca; racacor*;
        cor pele; tribo; 民族; 族别; 族別; 种族; 種族; 宗教; 信仰""",
}

_CONNECTING = re.compile("a|al|aux?|d|das?|del?|des|dos?|e|el|en|et|l|las?|les?|los|of|the|y")
# These name the mother in hospital files ("name of the pregnant woman"); they say nothing else about a pregnancy.
_NOT_REFUSED = ("孕产妇", "孕產婦", "孕妇", "孕婦")


def column_words(name: str) -> tuple[str, ...]:
    """The words of a column's name: lower case, no accents, split at separators, digits and capitals."""
    split = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])", " ", name)
    plain = "".join(c for c in unicodedata.normalize("NFKD", split) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W\d_]+", plain.casefold()))


@lru_cache(maxsize=1 << 15)
def refused(column_name: str) -> str | None:
    """The category under which a column is refused, or None for a column that may be read.

    Recognises English, Spanish, French, Portuguese and Chinese names, whatever the case, accents and separators. Whole
    words count, so that "community" or "separate" is not refused; "delivery_order" (of a twin) is allowed.
    """
    words = tuple(word for word in column_words(column_name) if not _CONNECTING.fullmatch(word))
    joined = "".join(words)
    for allowed in _NOT_REFUSED:
        joined = joined.replace(allowed, "")
    return next((category for category, patterns in _PATTERNS.items() if patterns.match(words, joined)), None)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The patterns of one category, sorted by kind so that thousands of columns are soon looked through."""

    whole: frozenset[str]  # "=all"
    words: frozenset[str]
    stems: tuple[str, ...]  # "stem*"
    phrases: tuple[str, ...]  # "two words", a blank before; one after too unless its last word is a stem
    joined: tuple[str, ...]  # the phrases written as one, if long enough to be unmistakable
    han: tuple[str, ...]

    def match(self, words: tuple[str, ...], joined: str) -> bool:
        spaced = f" {' '.join(words)} "
        return (
            not self.words.isdisjoint(words)
            or spaced.strip() in self.whole
            or any(word.startswith(self.stems) for word in words)
            or any(phrase in spaced for phrase in self.phrases)
            or any(phrase in word for word in words if len(word) >= _LONG_ENOUGH for phrase in self.joined)
            or (not joined.isascii() and any(word in joined for word in self.han))
        )


_LONG_ENOUGH = 9  # letters from which two words written as one are looked for inside a longer word


def _sorted_by_kind(text: str) -> _Patterns:
    patterns = [pattern.strip() for pattern in text.split(";")]
    latin = [pattern for pattern in patterns if pattern.isascii() and not pattern.startswith("=")]
    phrases = [pattern for pattern in latin if " " in pattern]
    joined = [phrase.rstrip("*").replace(" ", "") for phrase in phrases]
    return _Patterns(
        whole=frozenset(pattern[1:] for pattern in patterns if pattern.startswith("=")),
        words=frozenset(pattern for pattern in latin if " " not in pattern and not pattern.endswith("*")),
        stems=tuple(pattern[:-1] for pattern in latin if " " not in pattern and pattern.endswith("*")),
        phrases=tuple(f" {phrase[:-1]}" if phrase.endswith("*") else f" {phrase} " for phrase in phrases),
        joined=tuple(phrase for phrase in joined if len(phrase) >= _LONG_ENOUGH),
        han=tuple(pattern for pattern in patterns if not pattern.isascii()),
    )


_PATTERNS = {category: _sorted_by_kind(text) for category, text in _REFUSED.items()}
