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
        fertility; infertil*; assisted reproduction; anticoncep*; planificacion familiar; esteriliz*; ligadura; diu;
        fertilidad; fertilizacion; reproduccion asistida; fiv; planification familiale; ligature trompes; sterilet;
        fertilite; fecondation; pma; contracepc*; planejamento familiar; planeamento familiar; laqueadura;
        fertilidade; fertilizacao; fecundacion; reproducao assistida; =fp; fp method*; fp use*; fp counsel*;
        family plan*; iucd*; iuds; ppiud; ppiucd; btl; condom*; tubectom*; tubal*; salping*; norplant; implanon;
        jadelle; depo provera; preservativo*; preservatif*; insemin*; icsi; assisted concept*; inftr; fedrg; artec;
        planif familial*; planning familial; methode pf; metodo pf; dispositivo intrauterino; oclusion tub*;
        procreation; conception assistee; camisinha; metodo moderno; methode moderne; 避孕; 节育; 節育; 绝育; 絕育;
        上环; 上環; 放环; 取环; 皮埋; 安全套; 输卵管; 结扎; 結紮; 计划生育; 計劃生育; 计生; 計生; 辅助生殖; 輔助生殖;
        人工授精; 体外受精; 试管; 試管""",
    "permits, quotas and fines": """
        permit; permits; birth permission; quota; quotas; =fine; =fines; fine amount; fine paid; birth fine;
        birth fines; authorised birth; authorized birth; unauthorised birth; unauthorized birth; out plan; cuota;
        cuotas; permiso; permisos; multa; multas; permis naissance; amende; amendes; cota; cotas;
        autorizacao nascimento; birth licen*; birth approval; penalty; penalties; one child; only child;
        permis enfant; sancion; sanciones; 准生; 准许生育; 再生育; 生育审批; 生育審批; 生育证; 生育證; 生育服务证;
        生育指标; 指标; 罚款; 罰款; 抚养费; 撫養費; 超生; 政策内; 政策外; 政策內; 计划内; 计划外; 計劃內; 計劃外""",
    "marital status and legitimacy": """
        marital*; marriage*; married; unmarried; wedlock; legitim*; illegitim*; civil status; divorc*; widow*;
        cohabit*; spousal; estado civil; conyugal; casado; casada; soltero; soltera; matrimoni*; union libre;
        ilegitim*; viuda; extramarital; extramatrimonial; =etat civil; =etat civil mere; =etat civil pere;
        =etat civil parents; mariage; mariee; conjugal*; solteira; solteiro; casamento; viuva; estcivmae; estcivil;
        est civ*; dmar; =mar; mar p; situation familial*; situation famille; statut familial*; situacion familiar;
        situacao familiar; estado familiar; family status; family situation; relationship status; single mother*;
        single parent*; lone mother*; lone parent*; mere seule; madre sola; mae solo; parent isole; monoparent*;
        =separada; =separado; =separee; viudo; viuvo; veuf; veuve; celibat*; concubin*; conviviente*;
        union consensual; union hecho; uniao estavel; uniao consensual; nuptial*; nupcial*; adulterin*; bastard*;
        filiacion*; =filiation; =legit; reconocid*; status mother; mother status; mothers status; estado madre;
        estatus madre; estado mae; statut mere; enfant naturel; hijo natural; filho natural; paternity ackn*; pacse;
        pacsee; =pacs; 婚; 离异; 離異; 丧偶; 喪偶; 同居; 单亲; 單親; 单身; 單身; 私生""",
    "foetal deaths and abortions": """
        abort*; miscarr*; stillb*; still birth*; still born*; foetal*; fetal*; fetais; foetaux; foetus; fetus;
        fetos muertos; fetos mortos; dead birth*; mortinat*; natimuert*; iufd; mfiu; mort utero; mort in utero;
        natimort*; nacido muerto; nacidos muertos; avortement*; fausse couche; fausses couches; ivg; mort ne;
        mort nes; morts ne*; mortne; mortnes; mortinaiss*; sans vie; sin vida; sem vida; nacida muerta;
        nascido morto; nascidos mortos; nascida morta; legrado*; curetage*; terminations; priorterm; 流产; 流產;
        堕胎; 墮胎; 死胎; 死产; 死產; 引产; 引產; 人流; 药流; 藥流; 刮宫; 刮宮; 清宫; 清宮; 胎停; 终止妊娠; 終止妊娠""",
    "parity, birth order and earlier births": """
        parity; paritygroup; gravid*; =para; primipar*; multipar*; nullipar*; primigrav*; multigrav*; birth order;
        order birth; birth rank; birthorder; first birth; firstborn; children ever*; =ceb; number children;
        num children; no children; nb children; n children; total children; live children; living children;
        children living; children alive; children born; children dead; surviving children; previous birth;
        previous births; prior birth; prior births; earlier births; last birth; last live birth; previous live*;
        previous deliver*; prior deliver*; previous children; preceding birth; birth interval; interval since;
        interbirth; interval months; sibling*; live births; orden nacimiento; paridad; paridez; gesta; gestas;
        partos previos; partos anteriores; parto anterior; numero partos; num partos; hijos nacidos; hijos vivos;
        nro hijos; nro partos; nro filhos; nro nacidos vivos; hijos muertos; hijos fallecidos; hijos tenidos;
        hijos previos; numero hijos; num hijos; no hijos; n hijos; total hijos; intergenesic*; hermanos; multigesta;
        primigesta; parite; gestite; rang naissance; ordre naissance; nombre enfants; nb enfants; enfants vivants;
        enfants nes; enfants decedes; naissance precedente; naissances anterieures; accouchements anterieurs;
        fratrie; paridade; ordem nascimento; numero filhos; num filhos; no filhos; n filhos; filhos vivos;
        filhos mortos; filhos tidos; filhos nascidos; qtdfilviv*; qtdfilmort; qtdpart*; intervalo nascimentos;
        intervalo partos; irmaos; irmas; hermanas; freres; soeurs; brothers; sisters; kids; =bord; =children;
        =enfants; =hijos; =filhos; =first child; =last child; age last child; date last child; previous child*;
        other children; child order; order child; child rank; rank child; birth spacing; priorlive; priordead; lbo;
        tbo; illb; ilop; previous cesar*; previous caesar*; prior cesar*; prior caesar*; previous section;
        obstetric history; antecedentes obstetric*; antecedents obstetric*; formula obstetric*; historia obstetric*;
        gpla; gpal; gtpal; primip; multip; parous; primogenit*; =rang; rang enfant; rang accouchement; ordre enfant;
        =geste; =gestes; =pare; nombre accouchements; nb accouchements; dernier accouchement; derniere naissance;
        dernier enfant; accouchement precedent; enfant precedent; enfants survivants; total enfants;
        espacement naissances; intervalle naissances; intervalle genesique; intergenes*; =naissances vivantes;
        nombre naissances vivantes; nb naissances vivantes; total naissances vivantes;
        naissances vivantes anterieur*; =nacidos vivos; numero nacidos vivos; num nacidos vivos; no nacidos vivos;
        n nacidos vivos; total nacidos vivos; nacidos vivos prev*; nacidos vivos anterior*; n hijosv; cantidad hijos;
        hijos anteriores; hijo anterior; ultimo hijo; primer hijo; orden hijo; numero hijo; hijos sobreviv*;
        otros hijos; hij viv*; hij nac*; hij fall*; hij mort*; hij total; n partos; no partos; total partos; num par;
        ultimo parto; parto previo; cesareas prev*; cesarea prev*; cesareas anterior*; cesarea anterior;
        =nascidos vivos; numero nascidos vivos; num nascidos vivos; no nascidos vivos; n nascidos vivos;
        total nascidos vivos; nascidos vivos anterior*; qtd filhos; qtde filhos; quantidade filhos; total filhos;
        filhos anteriores; filho anterior; ultimo filho; primeiro filho; ordem filho; interpartal; intergest*; 胎次;
        孕次; 产次; 產次; 孩次; 生育史; 子女数; 子女數; 子女个数; 子女個數; 孩数; 孩數; 孩子数; 孩子數; 几个孩子;
        幾個孩子; 现有子女; 现有孩子; 現有子女; 活产数; 活產數; 第几胎; 第幾胎; 第几孩; 第幾孩; 第几个孩; 第幾個孩;
        第几个小孩; 第几个子; 第几产; 首胎; 一胎; 二胎; 三胎; 三孩; 上胎; 前胎; 末胎; 排行; 初产; 初產; 经产; 經產;
        生育次数; 生育次數; 生育数; 既往分娩; 前次分娩; 上次分娩; 末次分娩; 兄弟姐妹; 兄弟姊妹; 剖宫产史; 孕产史;
        头胎; 一孩; 二孩; 多孩; 独生; 獨生; 出生顺序; 出生順序; 出生次序; 生育间隔; 生育間隔; 第几次分娩; 第几次生;
        第幾次分娩; 分娩次数; 分娩次數""",
    "pregnancy and prenatal care": """
        pregnan*; gestation*; gestac*; gest; gestage*; gestwk*; gestweek*; gestrec; combgest; oegest; edadgest*;
        agegest*; idadegest*; semgest*; =ga; ga weeks; =weeks; ega; =eg; =ig; =ag; pog; lmp; last menses; menses;
        menstru*; last period; edd; eddate; edc; due date; date due; duedate; expected date; expected birth;
        expected delivery; expected confinement; estimated delivery; estimated date delivery; estimated confinement;
        estimated date confinement; probable delivery; probable date delivery; anticipated delivery; prenatal*;
        prenatais; prenataux; antenat*; anc; precare; previs; trimester*; preterm; pre term; postterm; prematur*;
        embaraz*; fum; fpp; ultima regla; control prenatal; pre natal*; pre natais; pre nataux; probable parto;
        probable nacimiento; posible parto; estimada parto; esperada parto; prevista parto; parto previst*;
        parto estimad*; parto esperad*; probable alumbramiento; fecha concepcion; numero consultas; num consultas;
        no consultas; numconsul*; =consultas; con pren*; t ges; n emb; num emb; sem gest; =semanas; provavel parto;
        provavel nascimento; previsao parto; estimada nascimento; prevista nascimento; data provavel; dpp;
        data concepcao; tpmetestim; robson; tprobson; conception date; date conception; ultrasound; sonograph*;
        ecograf*; echograph*; ultrassom; ultrassonograf*; pretermin*; =semaines; presumee accouchement;
        probable accouchement; prevue accouchement; prevu accouchement; accouchement prevu*; accouchement probable;
        accouchement presume; presumee naissance; prevue naissance; terme prevu; terme theorique; grossesse*;
        enceinte; semaines amenorrhee; amenorrhee; ddr; derniere regle; dernieres regles; cpn; gestante*; =dum;
        data dum; dtultmenst; semagestac*; mesprenat; consprenat; qtdgestant; kotelchuck; estimee accouchement; 怀孕;
        懷孕; 妊娠; 孕; 月经; 月經; 预产; 預產; 预计分娩; 預計分娩; 预计出生; 预计生产; 产检; 產檢; 产前; 產前; 胎龄;
        胎齡; 早产; 早產; 过期产; 過期產; 保胎""",
    "ethnicity and religion": """
        ethni*; race; racial; tribe; tribal; caste; casta; religi*; faith; skin colour; skin color; indigenous;
        etnia*; etnic*; raza; indigena*; pueblo originario; tribu; ethnie; confession; raca; racacor*; cor pele;
        =cor; cor mae; tribo; couleur peau; color piel; tono piel; skin tone; complexion; hispanic; mhisp; fhisp;
        mrace*; frace*; mbrace; fbrace; racehisp; aborig*; autochton*; afrodesc*; quilombol*; mestiz*; =pert;
        idpertet; clan; clans; castes; jati; creencia*; crenca*; croyance*; confesion*; confissao; 民族; 族裔; 族群;
        教派; 信教; 族别; 族別; 种族; 種族; 宗教; 信仰""",
}

_CONNECTING = re.compile("a|al|aux?|d|das?|del?|des|dos?|e|el|en|et|l|las?|les?|los|of|the|y")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})  # no accents to Unicode, but letters of their own
# These name the mother in hospital files ("name of the pregnant woman"); they say nothing else about a pregnancy.
_NOT_REFUSED = ("孕产妇", "孕產婦", "孕妇", "孕婦")


def column_words(name: str) -> tuple[str, ...]:
    """The words of a column's name: lower case, no accents, split at separators, digits and capitals."""
    split = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])", " ", name)
    plain = "".join(c for c in unicodedata.normalize("NFKD", split) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W\d_]+", plain.casefold().translate(_LIGATURES)))


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
