"""Columns that may not be read are known by name in five languages; ordinary ones are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everybirth.schema import FIELDS, refused

REFUSED = {
    "marital status and legitimacy": """marital_status MaritalStatus maritalstatus MARITAL-STATUS marié(e)_mariage
        legitimate_child illegitimate estado_civil EstadoCivilMadre état_civil situation_matrimoniale ESTCIVMAE casada
        situation_familiale SituationDeFamille situación_familiar situação_familiar family_status single_mother
        concubinage veuve dmar est_civil separada Filiación filiación_del_niño Legit Status_of_mother estado_de_la_madre
        reconocido reconocida_por_el_padre 婚姻状况 是否已婚 非婚生 离异 離異 丧偶 单亲""",
    "parity, birth order and earlier births": """parity Gravida birth_order BirthOrder birthorder live_birth_order
        order_of_birth children_ever_born previous_births date_of_last_birth birth_interval_months siblings paridad
        orden_de_nacimiento número_de_hijos HIJOS_NACIDOS_VIVOS intervalo_intergenésico rang_de_naissance
        nombre_d'enfants ordem_de_nascimento numero_filhos QTDFILVIVO 胎次 产次 孩次 第几胎
        rang_de_l'enfant ordre_de_l'enfant rang naissances_vivantes nombre_de_naissances_vivantes nascidos_vivos
        nº_de_nascidos_vivos hijos_vivos nacidos_vivos_anteriores priorlive lbo_rec kids previous_caesareans
        nro._de_hijos Nro_hijos
        dernier_accouchement fecha_último_parto hijo_anterior hij_viv qtd_filhos último_filho 第几个孩子 第幾胎
        是否二胎 排行 经产 生育次数 上次分娩 frères_et_sœurs""",
    "pregnancy and prenatal care": """gestational_age GestationalAge weeks_pregnant LMP date_of_last_menses anc_visits
        antenatal prenatal_care embarazo edad_gestacional fecha_última_menstruación âge_gestationnel grossesse
        semaines_aménorrhée semanas_gestacao SEMAGESTAC pré-natal 孕周 末次月经 产检次数
        fecha_probable_de_parto data_provável_do_parto date_présumée_d'accouchement date_prévue_d'accouchement
        accouchement_prévu data_prevista_do_parto fecha_estimada_de_parto expected_date_of_delivery due_date_2
        date_due EDC DPP FPP_madre LMP2 gest_age gestage EGA mother_ega oegest_comb semanas nº_consultas TPROBSON
        idade_gest. prematuro échographie 预计分娩日期 胎龄 早产 預產期""",
    "foetal deaths and abortions": """stillbirths abortion_count n_abortos mortinatos fausses_couches avortements
        foetal_deaths natimortos 流产次数 死胎数
        mort_fœtale morts_foetales Mortalité_FŒTALE muertes_fetales óbitos_fetais morts-nés IUFD enfant_sans_vie
        legrados 药流 刮宫""",
    "contraception, sterilisation and fertility treatment": """contraceptive_use family_planning sterilization IUD
        anticonceptivo ligadura esterilización stérilet laqueadura 避孕方法 节育措施 计划生育
        fp_method IUCD BTL condoms insemination planification_familiale camisinha 皮埋 試管嬰兒""",
    "permits, quotas and fines": """birth_permit permit_no quota fine fine_amount multa cuota
        amende 社会抚养费 准生证号 超生
        penalty one_child_certificate sanción 再生育审批 計劃外""",
    "ethnicity and religion": """ethnicity ethnic_group religion tribe caste race etnia religión raza ethnie raça_cor
        RACACOR religião 民族 宗教信仰
        couleur_de_peau couleur_peau color_de_piel cor Cor_da_mãe hispanic mrace6 aborigène mestizo croyance 族裔""",
}
ALLOWED = """
    community separate nation nationality delivery_order twin_order order_number plurality
    number_of_fetuses 胎数 documento_para_registro disparity charity trace parish separator marie
    Marie_name date_naissance lieu_naissance numero_etat_civil centre_etat_civil orden_parto husband_name
    grace region birth_place birthplace date_of_birth permitting refined define_code hospital_name anchor
    nacimiento nascimento nombre nom_enfant prénom terme birth_weight apgar mode_of_delivery phone
    ancestor sector city legal_name 孕产妇姓名 孕妇年龄 母亲姓名 出生日期 性别 住址 registration_date
    record_id facility ward district given_name age_mother peso_al_nacer sexo 新生儿姓名 cor_olhos
    unidad_de_gestión gestionnaire número_declaração_nascido_vivo certificado_de_nacido_vivo
    bulletin_de_naissance_vivante situation_géographique famille nom_de_famille rang_gémellaire orden_gemelar
    date_of_expiry estimated_date_of_birth single_name child_number date_accouchement fecha_de_parto data_do_parto
    lugar_de_parto trimestre sœur_infirmière village_des_soeur pediatra cordon correo corredor weeks_stayed
    双胎 胎儿体重 分娩次序 分娩日期 配偶姓名 登记次数 pacs_id gross_weight parent_name method previsto"""


@pytest.mark.parametrize(("category", "names"), REFUSED.items())
def test_each_refused_name_is_known_with_its_category(category: str, names: str) -> None:
    """Case, accents, separators and capitals make no difference."""
    found = {name: refused(name) for name in names.split()}
    assert found == dict.fromkeys(names.split(), category)


def test_ordinary_columns_are_not_refused() -> None:
    """Nor is any canonical field."""
    names = (*ALLOWED.split(), *FIELDS)
    assert {name: refused(name) for name in names} == dict.fromkeys(names)


@given(
    st.sampled_from([name for names in REFUSED.values() for name in names.split() if name.isascii() and "_" in name]),
    st.sampled_from(["_", " ", "-", ".", "  ", " / "]),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_spelling_of_separators_and_case_does_not_matter(name: str, separator: str, case: object) -> None:
    """A refused name stays refused however it is set."""
    assert callable(case)
    assert refused(case(separator.join(name.split("_")))) is not None


@given(st.text(max_size=40))
def test_any_text_can_be_a_column_name(name: str) -> None:
    """No name makes the check fail, and the answer is one of the categories."""
    assert refused(name) in {None, *REFUSED}
