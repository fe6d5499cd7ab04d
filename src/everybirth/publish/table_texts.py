"""Titles, notes and reasons of the published tables, in English.

They are also the keys under which a translation is looked up, so they are whole sentences and hold no figures; a note
may hold {threshold} and {few}, the counts that are hidden ("from 1 to 9"), which `release.in_words` fills in.
"""

BOOK = "Tables of births"
NOT_PUBLISHED = "Not published"
REASON = "Reason"

HOW_HIDDEN = (
    (
        'Where ".." stands for a count, it is hidden: it is {few}, or another could be worked out from it. Where it '
        "stands for another figure, that figure rests on a hidden count or could not be estimated, or there is none."
    ),
    (
        "A count of 0 is shown, except where there are births and none of them is registered: that would be said of "
        'each of them. In rows "unknown" and "not stated" even that is shown: nobody is known by what no record says.'
    ),
)
NOISY = (
    "Counts carry random noise that protects each birth (differential privacy). They do not add up exactly from one "
    "table to another."
)

BEST = "Counts are of the births as the lists were linked; each birth is counted once, however many lists have it."
SCOPE = "Births outside the plan's dates and areas are left out."
GIVEN = "Limits are those between which 95 in 100 simulated draws lie, given the assumptions that the report names."
BORROWS = 'Where births are few, the estimate borrows from similar groups (in the CSV file: status "pooled").'
SORTED = "Areas stand in the order of their names. The order says nothing of how well they do."
UNKNOWN = (
    '"unknown": no record of the birth says. Nobody is known by that, so such births hide nothing else. They stand in '
    "the totals only where they are {few}, or where {few} of them are registered or are not."
)
OF_ALL_LISTS = "No list in the plan is the civil register: completeness is that of all lists together."
REGISTERED = "Registered births are those on the civil register; the others are on other lists only."

TITLES = {
    "headline": "Births that happened, those on the register, and those that are not",
    "overlap": "Births by the lists that have them",
    "births_by_area_sex": "Births and registered births by area and sex",
    "births_by_month_sex": "Births and registered births by month of birth and sex",
    "births_by_site": "Births and registered births by site of birth",
    "births_by_plurality": "Births and registered births by plurality",
    "births_by_weight_class": "Births and registered births by weight at birth",
    "births_by_mother_age": "Births and registered births by the mother's age",
    "adjusted_births": "Births listed, registered and estimated, and completeness of the register",
    "completeness": "Completeness of each list",
    "timeliness": "Registered births by the time from birth to registration",
    "occurrence_by_registration_year": "Registered births by year of birth and year of registration",
    "sex_ratio": "Sex ratio at birth, and the gap in completeness between girls and boys",
    "list_quality": "What each list holds",
    "missing_values": "Values missing in each list",
    "heaping": "Heaping of days and birth weights in each list",
    "linkage": "How well the records were linked",
    "link_probability": "Pairs of records by the probability that they are one birth",
    "disagreements": "Fields on which lists disagree about the same birth",
    "disagreements_resolved": "Births on whose records a field differs, by what decided for the value that is shown",
    "sensitivity": "Births under other assumptions and by other methods",
    "findings": "Findings by area, kind and status",
    "findings_progress": "Findings by area, kind and status after each of the last runs",
}

NOTES: dict[str, tuple[str, ...]] = {
    "headline": (
        GIVEN,
        (
            '"listed" is on any list; "missed by all" is estimated. Figures are medians over simulated draws of the '
            "linkage, less any births that are probably counted twice. Other tables count the likeliest linkage, so "
            "that they may differ a little, and parts need not add up."
        ),
    ),
    "overlap": (
        BEST,
        SCOPE,
        "One row for each combination of lists; births on no list are estimated in another table.",
    ),
    "births_by_area_sex": (BEST, SCOPE, REGISTERED, UNKNOWN, SORTED),
    "births_by_month_sex": (BEST, SCOPE, REGISTERED, UNKNOWN),
    "births_by_site": (BEST, SCOPE, REGISTERED, UNKNOWN),
    "births_by_plurality": (
        BEST,
        SCOPE,
        REGISTERED,
        UNKNOWN,
        "Plurality is how many children the delivery had, as the records state it.",
    ),
    "births_by_weight_class": (BEST, SCOPE, REGISTERED, UNKNOWN, "Weight classes are in grams."),
    "births_by_mother_age": (BEST, SCOPE, REGISTERED, UNKNOWN, "The mother's age at the birth, in completed years."),
    "adjusted_births": (
        GIVEN,
        SCOPE,
        SORTED,
        (
            "Births on any list and registered births are counted. Births that happened are estimated; completeness is "
            "the share of them that is registered (without a register: listed)."
        ),
        BORROWS,
    ),
    "completeness": (
        GIVEN,
        SCOPE,
        SORTED,
        (
            "The denominator of completeness is the estimate of all births that happened in the group, listed or not. "
            "That is so for a list that cannot hold some of them as well: the total of a list that holds no home "
            "births is its share of all births, those at home included."
        ),
        '"cannot hold": by the plan, the list can have none of these births.',
        BORROWS,
    ),
    "timeliness": (
        SCOPE,
        SORTED,
        "Registered births only. The share is of all registered births of the area, those without a date included.",
    ),
    "occurrence_by_registration_year": (SCOPE, "Registered births only."),
    "sex_ratio": (
        GIVEN,
        SORTED,
        (
            '"girls" and "boys" are registered births (without a register: listed ones); "boys per girl" is of all '
            "births that happened."
        ),
        (
            'The limits of "boys per girl" do not cover chance: they only say how surely the births are counted. Of '
            "areas with this many births and the expected ratio, 95 in 100 lie between the two figures that chance "
            "alone gives. A ratio between these is no sign that girls or boys are missing."
        ),
        (
            "The ratio drawn towards the mean of all areas is drawn the further, the smaller the area is; its limits "
            "cover chance."
        ),
        "Completeness of girls less that of boys is negative where girls are registered less often.",
    ),
    "list_quality": (
        (
            "A record too many repeats a birth that the list has already. Rows read are rows rejected, records too "
            "many, different births, and births outside the plan's dates and areas, together."
        ),
    ),
    "missing_values": ("Of the records that could be used. A field that a list does not have is left out.",),
    "heaping": (
        "Records by day of the month, and by the roundness of the birth weight in grams.",
        (
            "Expected: if no day and no weight were preferred. It is made of published counts alone: the records on "
            "the days that are shown, as the lengths of the months spread them."
        ),
    ),
    "linkage": (
        "Estimated from the probabilities of the links, without knowing the truth.",
        "A false link joins records of two births; a missed link leaves records of one birth apart.",
        "The limits follow from the probabilities. Whether these are right only a comparison with the truth can tell.",
    ),
    "link_probability": ("Pairs that were worth keeping. Of pairs with probability 0.9, nine in ten should be right.",),
    "disagreements": (
        "Pairs of lists that have the same birth. Compared: births for which both lists give the field.",
    ),
    "disagreements_resolved": (
        (
            "Each birth stands under the first rule that decided: an office's correction, what most of its records "
            "say, the fuller name, the more usual spelling, the register, the list that the plan names first."
        ),
        "Births outside the plan's dates and areas are counted as well.",
    ),
    "sensitivity": (
        GIVEN,
        "The odds ratio is that between two lists; 1 is what the estimate assumes.",
        "Other methods do not divide the births into groups, so they may differ from the headline for that alone.",
        (
            'For "leave-one-out": births on the list that is left out, as the other lists predict them, beside the '
            "number known. Other rows have no such number."
        ),
    ),
    "findings": (SORTED, "A finding is something for an office to look at; it is not a fault of anybody."),
    "findings_progress": (
        SORTED,
        (
            '"gone": open in the run before, decided by nobody, and not found any more though the records are still '
            "there. A run that finds and decides what the last one did is not counted anew."
        ),
    ),
}

NO_REGISTER = "No list in the plan is the civil register."
NO_FINDING = "Nothing was found."
ONE_RUN = "There has been one run so far."
NO_FIELD = "No list has the fields that this table needs."
NOT_ESTIMATED = "Births that happened were not estimated."
ONE_LIST = "There is one list only."
TOO_FEW = "Too few births to publish anything of them."
NOT_PROTECTED = "Its counts could not be protected without hiding nearly all of them."
NO_NOISE = "With differential privacy only counts with noise are published below the total."

# What reports on births often have and this one never will: misuse is designed out.
NEVER = {
    "birth order, parity and intervals": "Data on a mother's earlier births have been used to police reproduction. "
    "They are refused on reading.",
    "marital status and legitimacy": "A child's record should not depend on it. It is refused on reading.",
    "gestation and prenatal care": "Data on pregnancies have been used to police reproduction. They are refused on "
    "reading.",
    "foetal deaths": "Data on pregnancies have been used to police reproduction. They are refused on reading.",
    "contraception and fertility treatment": "Data on contraception have been used to police reproduction. They are "
    "refused on reading.",
    "permits, quotas and fines": "They make a birth an offence. They are refused on reading.",
    "ethnicity and religion": "They single out groups. They are refused on reading.",
    "figures by facility, village or worker": "Small numbers point to persons, and no worker or village is ranked.",
}
