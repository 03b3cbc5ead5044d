"""Countries: a code of two or three letters, or a name, as the two letters of ISO 3166-1."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from container.language.normalisers.base import Case, of_text, plain

_LONGEST = 60  # characters of a country's name
_REMEMBERED = 512


def country_code(text: str) -> str | None:
    """`de` of `DE`, `DEU`, `Germany`, `Deutschland`; None for what is no country."""
    return _code_of(text) if len(text) <= _LONGEST else None


@lru_cache(_REMEMBERED)
def _code_of(text: str) -> str | None:
    name = _letters(text)
    return _CODES.get(name) or _CODES.get(name.removeprefix("the"))


def _letters(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if sign.isalpha())


def _code(text: str) -> str | None:
    found = country_code(text)
    return found and found.upper()


# ISO 3166-1: two letters, three letters, the name in English, in some countries the names their own people use.
# Without blanks, signs and accents.
_COUNTRIES = (
    "ad and andorra; ae are unitedarabemirates uae; af afg afghanistan; ag atg antiguaandbarbuda; ai aia anguilla; "
    "al alb albania; am arm armenia; ao ago angola; aq ata antarctica; ar arg argentina; as asm americansamoa; at "
    "aut austria osterreich autriche; au aus australia; aw abw aruba; ax ala alandislands; az aze azerbaijan; ba bih "
    "bosniaandherzegovina; bb brb barbados; bd bgd bangladesh; be bel belgium belgie belgique belgien; bf bfa "
    "burkinafaso; bg bgr bulgaria българия; bh bhr bahrain; bi bdi burundi; bj ben benin; bl blm saintbarthelemy; bm "
    "bmu bermuda; bn brn bruneidarussalam; bo bol bolivia; bq bes bonaire; br bra brazil brasil brasilien; bs bhs "
    "bahamas; bt btn bhutan; bv bvt bouvetisland; bw bwa botswana; by blr belarus; bz blz belize; ca can canada; cc "
    "cck cocos; cd cod democraticrepublicofthecongo drcongo; cf caf centralafricanrepublic; cg cog "
    "republicofthecongo; ch che switzerland schweiz suisse svizzera; ci civ cotedivoire ivorycoast; ck cok "
    "cookislands; cl chl chile; cm cmr cameroon; cn chn china 中国; co col colombia; cr cri costarica; cu cub cuba; cv "
    "cpv caboverde capeverde; cw cuw curacao; cx cxr christmasisland; cy cyp cyprus; cz cze czechia czechrepublic "
    "cesko ceskarepublika tschechien; de deu germany deutschland allemagne alemania; dj dji djibouti; dk dnk denmark "
    "danmark danemark; dm dma dominica; do dom dominicanrepublic; dz dza algeria; ec ecu ecuador; ee est estonia "
    "eesti; eg egy egypt مصر; eh esh westernsahara; er eri eritrea; es esp spain espana spanien espagne; et eth "
    "ethiopia; fi fin finland suomi finnland; fj fji fiji; fk flk falklandislands; fm fsm micronesia; fo fro "
    "faroeislands; fr fra france frankreich francia; ga gab gabon; gb gbr unitedkingdom uk greatbritain britain "
    "england scotland wales northernireland; gd grd grenada; ge geo georgia; gf guf frenchguiana; gg ggy guernsey; "
    "gh gha ghana; gi gib gibraltar; gl grl greenland; gm gmb gambia; gn gin guinea; gp glp guadeloupe; gq gnq "
    "equatorialguinea; gr grc greece ελλαδα hellas el; gs sgs southgeorgiaandthesouthsandwichislands; gt gtm "
    "guatemala; gu gum guam; gw gnb guineabissau; gy guy guyana; hk hkg hongkong 香港; hm hmd "
    "heardislandandmcdonaldislands; hn hnd honduras; hr hrv croatia hrvatska; ht hti haiti; hu hun hungary "
    "magyarorszag ungarn; id idn indonesia; ie irl ireland eire; il isr israel ישראל; im imn isleofman; in ind "
    "india; io iot britishindianoceanterritory; iq irq iraq; ir irn iran; is isl iceland island; it ita italy italia "
    "italien italie; je jey jersey; jm jam jamaica; jo jor jordan; jp jpn japan 日本; ke ken kenya; kg kgz kyrgyzstan; "
    "kh khm cambodia; ki kir kiribati; km com comoros; kn kna saintkittsandnevis; kp prk northkorea; kr kor "
    "southkorea republicofkorea 대한민국; kw kwt kuwait; ky cym caymanislands; kz kaz kazakhstan; la lao laos; lb "
    "lbn lebanon; lc lca saintlucia; li lie liechtenstein; lk lka srilanka; lr lbr liberia; ls lso lesotho; lt ltu "
    "lithuania lietuva; lu lux luxembourg letzebuerg; lv lva latvia latvija; ly lby libya; ma mar morocco; mc mco "
    "monaco; md mda moldova; me mne montenegro; mf maf saintmartin; mg mdg madagascar; mh mhl marshallislands; mk "
    "mkd northmacedonia macedonia; ml mli mali; mm mmr myanmar burma; mn mng mongolia; mo mac macao macau; mp mnp "
    "northernmarianaislands; mq mtq martinique; mr mrt mauritania; ms msr montserrat; mt mlt malta; mu mus "
    "mauritius; mv mdv maldives; mw mwi malawi; mx mex mexico mexiko; my mys malaysia; mz moz mozambique; na nam "
    "namibia; nc ncl newcaledonia; ne ner niger; nf nfk norfolkisland; ng nga nigeria; ni nic nicaragua; nl nld "
    "netherlands holland nederland niederlande paysbas; no nor norway norge noreg norwegen; np npl nepal; nr nru "
    "nauru; nu niu niue; nz nzl newzealand; om omn oman; pa pan panama; pe per peru; pf pyf frenchpolynesia; pg png "
    "papuanewguinea; ph phl philippines; pk pak pakistan; pl pol poland polska polen pologne; pm spm "
    "saintpierreandmiquelon; pn pcn pitcairn; pr pri puertorico; ps pse palestine; pt prt portugal; pw plw palau; py "
    "pry paraguay; qa qat qatar; re reu reunion; ro rou romania; rs srb serbia; ru rus russianfederation russia "
    "россия; rw rwa rwanda; sa sau saudiarabia السعودية; sb slb solomonislands; sc syc seychelles; sd sdn sudan; se "
    "swe sweden sverige schweden; sg sgp singapore; sh shn sainthelena; si svn slovenia slovenija; sj sjm "
    "svalbardandjanmayen; sk svk slovakia slovensko; sl sle sierraleone; sm smr sanmarino; sn sen senegal; so som "
    "somalia; sr sur suriname; ss ssd southsudan; st stp saotomeandprincipe; sv slv elsalvador; sx sxm sintmaarten; "
    "sy syr syria syrianarabrepublic; sz swz eswatini swaziland; tc tca turksandcaicosislands; td tcd chad; tf atf "
    "frenchsouthernterritories; tg tgo togo; th tha thailand ไทย; tj tjk tajikistan; tk tkl tokelau; tl tls "
    "timorleste easttimor; tm tkm turkmenistan; tn tun tunisia; to ton tonga; tr tur turkiye turkey turkei; tt tto "
    "trinidadandtobago; tv tuv tuvalu; tw twn taiwan 台灣; tz tza tanzania; ua ukr ukraine украіна; ug uga uganda; um "
    "umi unitedstatesminoroutlyingislands; us usa unitedstates america unitedstatesofamerica estadosunidos etatsunis "
    "vereinigtestaaten; uy ury uruguay; uz uzb uzbekistan; va vat holysee vatican vaticancity; vc vct "
    "saintvincentandthegrenadines; ve ven venezuela; vg vgb britishvirginislands; vi vir usvirginislands; vn vnm "
    "vietnam; vu vut vanuatu; wf wlf wallisandfutuna; ws wsm samoa; ye yem yemen; yt myt mayotte; za zaf "
    "southafrica; zm zmb zambia; zw zwe zimbabwe "
)
_CODES = {name: words[0] for words in map(str.split, _COUNTRIES.split(";")) for name in words}

NORMALISERS = (
    plain(
        "country_code",
        "the two capitals of a country (ISO 3166-1), from these, its three letters or its name",
        of_text(_code),
        Case("", " de ", "DE"),
        Case("", "DEU", "DE"),
        Case("", "United States", "US"),
        Case("", "UK", "GB"),
        Case("", "Türkiye", "TR"),
        Case("", "The Netherlands", "NL"),
        Case("", "Deutschland", "DE"),
        Case("", "Atlantis", None),
    ),
)
