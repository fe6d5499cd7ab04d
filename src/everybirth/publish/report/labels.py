"""Values and names that the tables use, in words. Keys are what the tables hold; values are messages."""

from everybirth.publish.report.words import mark

VALUES = {
    "total": mark("all"),
    "unknown": mark("not stated"),
    "not stated": mark("not stated"),
    "out of scope": mark("outside the plan's areas or dates"),
    "female": mark("girls"),
    "male": mark("boys"),
    "facility": mark("in a health facility"),
    "home": mark("at home"),
    "other": mark("elsewhere"),
    "yes": mark("yes"),
    "no": mark("no"),
    "any list": mark("any list"),
    "within 30 days": mark("within 30 days"),
    "31-90 days": mark("31 to 90 days"),
    "91-365 days": mark("91 to 365 days"),
    "1 to under 5 years": mark("1 to under 5 years"),
    "5 years and later": mark("5 years and later"),
    "day of month": mark("day of the month"),
    "birth weight": mark("birth weight"),
}

DELAYS = ("within 30 days", "31-90 days", "91-365 days", "1 to under 5 years", "5 years and later", "not stated")

FIELDS = {
    "child_given_name": mark("child's given name"),
    "child_family_name": mark("child's family name"),
    "sex": mark("sex"),
    "birth_date": mark("date of birth"),
    "birth_weight": mark("birth weight"),
    "plurality": mark("single or multiple birth"),
    "delivery_order": mark("order within the delivery"),
    "mother_given_name": mark("mother's given name"),
    "mother_family_name": mark("mother's family name"),
    "mother_birth_date": mark("mother's date of birth"),
    "mother_age": mark("mother's age"),
    "mother_id": mark("mother's number"),
    "father_given_name": mark("father's given name"),
    "father_family_name": mark("father's family name"),
    "phone": mark("telephone number"),
    "birth_place": mark("place of birth"),
    "residence": mark("residence"),
    "site": mark("kind of place of birth"),
    "facility": mark("health facility"),
    "recorded_on": mark("day of recording"),
    "registration_date": mark("day of registration"),
    "registration_number": mark("number in the register"),
}

FINDINGS = {
    "duplicate": mark("entered more than once in a list"),
    "not-registered": mark("on another list, but not on the register"),
    "disagreement": mark("lists disagree"),
    "implausible": mark("implausible value"),
    "rejected": mark("row that could not be used"),
    "copied-block": mark("the same values over and over"),
    "uncertain-link": mark("doubtful whether two records are one birth"),
    "open": mark("open"),
    "confirmed": mark("confirmed"),
    "corrected": mark("corrected"),
    "dismissed": mark("dismissed"),
    "verified": mark("verified"),
}

# What decided for the value that is shown where records disagree.
DECIDED_BY = {
    "corrected by an office": mark("corrected by an office"),
    "what most records say": mark("what most records say"),
    "the fuller name": mark("the fuller name"),
    "the more usual spelling": mark("the more usual spelling"),
    "what the register says": mark("what the register says"),
    "what the list named first says": mark("what the list named first says"),
    "what the first record says": mark("what the first record says"),
}

LIMITS = {
    "counted": mark("counted"),
    "not measured": mark("not measured"),
    "95 in 100, if the probabilities are right and links err one by one": mark(
        "95 in 100, if the probabilities are right and links err one by one"
    ),
}

METHODS = {
    "lincoln-petersen": mark("two lists, independent (Lincoln and Petersen)"),
    "chapman": mark("two lists, independent (Chapman)"),
    "no-highest-order": mark("no highest-order dependence"),
    "loglinear-independence": mark("all lists independent"),
    "loglinear-bic": mark("log-linear model of least BIC"),
    "loglinear-aic": mark("log-linear model of least AIC"),
    "loglinear-bic-average": mark("log-linear models averaged by BIC"),
    "loglinear-stepwise": mark("log-linear model, chosen step by step"),
    "decomposable-average": mark("decomposable graphs, averaged"),
    "decomposable-average-saturated": mark("decomposable graphs, averaged, the saturated one among them"),
    "latent-class": mark("latent classes"),
    "sample-coverage": mark("sample coverage"),
}

# measure -> (what it is called, how its figure is written)
LINKAGE = {
    "blocking recall": (mark("pairs of one birth that were compared at all"), "share"),
    "links made": (mark("links made"), "count"),
    "expected false links": (mark("of these, expected to be wrong"), "count"),
    "expected missed links": (mark("links expected to be missing"), "count"),
    "expected precision": (mark("share of the links expected to be right"), "share"),
    "expected recall": (mark("share of all true links expected to be made"), "share"),
    "records in doubt": (mark("records in doubt"), "count"),
    "share of variance due to linkage": (
        mark("share of the interval's variance that comes from doubtful links and from what was filled in"),
        "share",
    ),
}

# Why tables are not published, in the words of the tables themselves.
REASONS = (
    mark("No list in the plan is the civil register."),
    mark("No list has the fields that this table needs."),
    mark("Births that happened were not estimated."),
    mark("There is one list only."),
    mark("Too few births to publish anything of them."),
    mark("Its counts could not be protected without hiding nearly all of them."),
    mark("With differential privacy only counts with noise are published below the total."),
    mark("Nothing was found."),
    mark("There has been one run so far."),
    mark("birth order, parity and intervals"),
    mark("Data on a mother's earlier births have been used to police reproduction. They are refused on reading."),
    mark("marital status and legitimacy"),
    mark("A child's record should not depend on it. It is refused on reading."),
    mark("gestation and prenatal care"),
    mark("Data on pregnancies have been used to police reproduction. They are refused on reading."),
    mark("foetal deaths"),
    mark("contraception and fertility treatment"),
    mark("Data on contraception have been used to police reproduction. They are refused on reading."),
    mark("permits, quotas and fines"),
    mark("They make a birth an offence. They are refused on reading."),
    mark("ethnicity and religion"),
    mark("They single out groups. They are refused on reading."),
    mark("figures by facility, village or worker"),
    mark("Small numbers point to persons, and no worker or village is ranked."),
)

# What a table that is not published is called.
TABLES = {
    "headline": mark("Births that happened, those on the register, and those that are not"),
    "overlap": mark("Births by the lists that have them"),
    "births_by_area_sex": mark("Births and registered births by area and sex"),
    "births_by_month_sex": mark("Births and registered births by month of birth and sex"),
    "births_by_site": mark("Births and registered births by site of birth"),
    "births_by_plurality": mark("Births and registered births by plurality"),
    "births_by_weight_class": mark("Births and registered births by weight at birth"),
    "births_by_mother_age": mark("Births and registered births by the mother's age"),
    "adjusted_births": mark("Births listed, registered and estimated, and completeness of the register"),
    "completeness": mark("Completeness of each list"),
    "timeliness": mark("Registered births by the time from birth to registration"),
    "occurrence_by_registration_year": mark("Registered births by year of birth and year of registration"),
    "sex_ratio": mark("Sex ratio at birth, and the gap in completeness between girls and boys"),
    "list_quality": mark("What each list holds"),
    "missing_values": mark("Values missing in each list"),
    "heaping": mark("Heaping of days and birth weights in each list"),
    "linkage": mark("How well the records were linked"),
    "link_probability": mark("Pairs of records by the probability that they are one birth"),
    "disagreements": mark("Fields on which lists disagree about the same birth"),
    "disagreements_resolved": mark(
        "Births on whose records a field differs, by what decided for the value that is shown"
    ),
    "sensitivity": mark("Births under other assumptions and by other methods"),
    "findings": mark("Findings by area, kind and status"),
    "findings_progress": mark("Findings by area, kind and status after each of the last runs"),
}
