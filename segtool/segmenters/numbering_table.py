"""The vocabulary of clause numbers, as a table to be extended by someone who knows a law and no Python.

A row of ``UNITS`` names a kind of unit, says how far out it usually stands (1 outermost; a document may order its units
in its own way: this is only where reading starts), and lists its words: ``before`` the number ("Article 5"),
``after`` it ("5. cikk", "2 luku"), and the signs of Chinese, Japanese and Korean between which the number stands
(第三条, 제3조). Case and accents do not matter. Words of two parts are written with a hyphen or an underscore for the
blank. ``alone`` lists those that also open a unit with no number behind them, if nothing else is on the line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One kind of unit: its name, usual rank from 1 (outermost), and words separated by blanks."""

    name: str
    rank: int
    before: str
    after: str = ""
    signs: str = ""
    alone: str = ""


UNITS: tuple[UnitRow, ...] = (
    UnitRow(
        "annex",
        1,
        "annex schedule appendix exhibit attachment addendum supplement form anhang anlage beilage annexe "
        "appendice anexo apéndice annex allegato bijlage příloha príloha załącznik liite lisa bilaga bilag vedlegg "
        "melléklet priloga prilog priedas pielikums anexa ek приложение додаток додаток прилог παράρτημα 附件 附录 "
        "附表 別表 附則 별표 부칙 الملحق ملحق پیوست נספח ภาคผนวก परिशिष्ट phụ_lục lampiran",
        after="melléklet priedas pielikums liite lisa",
        alone="annex schedule appendix exhibit attachment addendum anhang anlage annexe anexo allegato bijlage příloha "
        "príloha załącznik liite lisa bilaga bilag vedlegg anexa приложение додаток παράρτημα 附件 附录 附則 부칙",
    ),
    UnitRow(
        "provision",
        1,
        "disposición_adicional disposición_transitoria disposición_derogatoria disposición_final "
        "disposició_addicional disposició_transitòria disposició_derogatòria disposició_final "
        "disposição_transitória disposição_final",
        alone="disposición_adicional disposición_transitoria disposición_derogatoria disposición_final "
        "disposició_addicional disposició_transitòria disposició_derogatòria disposició_final",
    ),
    UnitRow(
        "book",
        1,
        "book volume buch band livre tome libro llibre livro boek kniha księga kirja raamat bok könyv knjiga "
        "cartea kitap книга том βιβλίο الكتاب كتاب ספר buku",
        after="buch könyv knjiga raamat kirja",
        signs="卷 券",
    ),
    UnitRow(
        "part",
        2,
        "part teil partie parte deel část časť część osa del rész dio partea kısım часть частина част део "
        "μέρος الباب باب بخش חלק ภาค भाग phần bagian",
        after="teil partie část časť osa rész dio del dalis daļa kısım",
        signs="编 編 部 部分 편 부 篇",
    ),
    UnitRow(
        "title",
        3,
        "title titel titre título titolo títol titlu hlava tytuł avdelning τίτλος naslov cím titlul",
        after="titel hlava cím titre osasto",
    ),
    UnitRow(
        "chapter",
        4,
        "chapter kapitel chapitre capítulo capítol capitolo capo hoofdstuk kapitola rozdział luku peatükk kap kapittel "
        "fejezet poglavje poglavlje glava skyrius nodaļa capitolul bölüm глава κεφάλαιο الفصل فصل פרק หมวด "
        "บทที่ अध्याय chương bab",
        after="kapitel chapitre luku peatükk kap fejezet poglavje skyrius nodaļa bölüm",
        signs="章 장",
    ),
    UnitRow("subchapter", 5, "subchapter subpart sub-part unterkapitel sous-chapitre подраздел підрозділ"),
    UnitRow(
        "division",
        5,
        "division díl diel oddział afsnit",
        after="díl diel jaos",
        signs="款 관",
    ),
    UnitRow(
        "section",
        6,
        "section sect sec abschnitt sección secció seção secção sezione afdeling oddíl oddiel dział jagu avsnitt odsek "
        "secțiunea sectiunea раздел розділ секція τμήμα ενότητα القسم قسم ส่วนที่ ส่วน धारा mục apartado",
        after="abschnitt section jagu oddíl oddiel odsek skirsnis iedaļa avsnitt",
        signs="节 節 절",
    ),
    UnitRow(
        "subsection",
        7,
        "subsection subdivision unterabschnitt sous-section subsección subsecció subseção pododdíl pododdiel jaotis",
        after="unterabschnitt jaotis",
    ),
    UnitRow(
        "article",
        8,
        "article art artikel artículo articulo articolo artigo článek článok čl artykuł artikla artikkel cikk člen "
        "članak član straipsnis pants articolul madde статья стаття член чл члан άρθρο المادة مادة ماده סעיף סימן "
        "มาตรา अनुच्छेद điều pasal",
        after="cikk člen straipsnis pants artikla",
        signs="条 條 조",
    ),
    UnitRow(
        "clause",
        8,
        "clause cláusula clausola ziffer klausel пункт ข้อ ข้อที่ điểm",
        after="punkt",
    ),
    UnitRow("rule", 8, "rule regulation regel règle regla правило"),
    UnitRow("paragraph", 8, "paragraph paragraphe para paragraf paragrafo párrafo"),
    UnitRow(
        "step",
        8,
        "step phase stage lesson module unit lecture question exercise example principle recital task option "
        "schritt lektion étape leçon paso lección lezione etapa lição krok шаг урок adım bước langkah",
        signs="课 課 回 步 강",
    ),
)

ORDINALS: dict[int, str] = {
    0: "preliminar preliminary prelim préliminaire einleitender предварительный",
    1: "one first erster erste erstes premier première primero primera primer primo prima primeiro primeira první "
    "prvá prvý prvi birinci первая первый первое перша перший първа първи πρώτο πρώτος πρώτη الأول الأولى اول unu "
    "întâi pierwszy esimene first único única unic",
    2: "two second zweiter zweite zweites deuxième second seconde segundo segunda segon segona secondo seconda "
    "druhá druhý druhé ikinci вторая второй второе друга другий втора втори δεύτερο δεύτερος δεύτερη الثاني "
    "الثانية دوم drugi",
    3: "three third dritter dritte drittes troisième tercero tercera tercer terzo terza terceiro terceira třetí tretia "
    "tretí üçüncü третья третий третье третя третій трета трети τρίτο τρίτος τρίτη الثالث الثالثة سوم trzeci",
    4: "four fourth vierter vierte viertes quatrième cuarto cuarta quart quarta quarto čtvrtá čtvrtý štvrtá štvrtý "
    "dördüncü четвертая четвертый четвърта τέταρτο τέταρτος الرابع الرابعة چهارم czwarty",
    5: "five fifth fünfter fünfte fünftes cinquième quinto quinta cinquè cinquena pátá pátý piata piaty beşinci "
    "пятая пятый пета πέμπτο πέμπτος الخامس الخامسة پنجم piąty",
    6: "six sixth sechster sechste sechstes sixième sexto sexta sisè sisena sesto sesta šestá šestý šiesta altıncı "
    "шестая шестой шеста έκτο έκτος السادس السادسة ششم szósty",
    7: "seven seventh siebter siebte siebtes siebenter septième séptimo séptima setè setena settimo settima sétimo "
    "sétima sedmá sedmý siedma yedinci седьмая седьмой седма έβδομο έβδομος السابع السابعة هفتم siódmy",
    8: "eight eighth achter achte achtes huitième octavo octava vuitè vuitena ottavo ottava oitavo oitava osmá "
    "osmý ôsma sekizinci восьмая восьмой осма όγδοο όγδοος الثامن الثامنة هشتم ósmy",
    9: "nine ninth neunter neunte neuntes neuvième noveno novena novè nono nona devátá devátý deviata dokuzuncu "
    "девятая девятый девета ένατο ένατος التاسع التاسعة نهم dziewiąty",
    10: "ten tenth zehnter zehnte zehntes dixième décimo décima desè desena decimo decima desátá desátý desiata onuncu "
    "десятая десятый десета δέκατο δέκατος العاشر العاشرة دهم dziesiąty",
    11: "eleven eleventh elfter elfte elftes onzième undécimo undécima onzè onzena undicesimo décimo_primeiro "
    "jedenáctá jedenásta on_birinci одиннадцатая ενδέκατο الحادي_عشر",
    12: "twelve twelfth zwölfter zwölfte zwölftes douzième duodécimo duodécima dotzè dotzena dodicesimo dvanáctá "
    "dvanásta on_ikinci двенадцатая δωδέκατο الثاني_عشر",
}
"""Ordinal words by value: "Erster Abschnitt", "CAPÍTULO PRIMERO", "ČÁST PRVNÍ"."""

SUFFIXES = "bis ter quater quinquies sexies septies octies novies nonies decies undecies duodecies terdecies"
"""Latin endings of numbers put between two others ("5 bis", "14ter")."""

REFERENCES = "Abs Absatz Satz Nr Ziff lit Bst al alinéa para par cpv comma ust pkt odst ods"
"""Words that go on with a number after the first ("Art. 5 Abs. 2")."""

NUMBER_MARKS = "no nr n č br № # nº n° arv"
"""Marks between the word of a unit and its number ("Příloha č. 1", "Anexa nr. 1")."""

MONTHS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec januar jänner februar märz mai juni juli oktober dezember janvier février mars avril "
    "juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto "
    "septiembre setiembre octubre noviembre diciembre gener febrer març maig juny juliol agost setembre gennaio "
    "febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro março maio junho julho "
    "setembro outubro novembro dezembro januari februari maart mei augustus ledna února března dubna května června "
    "července srpna září října listopadu prosince januára februára marca apríla mája júna júla augusta septembra "
    "októbra novembra decembra stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia jaanuar veebruar märts aprill juuni juuli august detsember tammikuuta helmikuuta "
    "maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta "
    "maj augusti desember január február március április május június július augusztus szeptember október november "
    "ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie ocak şubat mart nisan "
    "mayıs haziran temmuz ağustos eylül ekim kasım aralık января февраля марта апреля мая июня июля августа "
    "сентября октября ноября декабря січня лютого березня квітня травня червня липня серпня вересня жовтня "
    "листопада грудня ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου "
    "οκτωβρίου νοεμβρίου δεκεμβρίου"
)
"""A number before one of these is a day: "1. Oktober 2021" is no clause."""

MEASURES = (
    "tage tagen tag wochen woche monate monaten monat jahre jahren jahr stunden minuten sekunden uhr euro prozent cent "
    "stück personen millionen milliarden meter kilometer kilogramm liter quadratmeter"
)
"""A bare number before one of these is a quantity (German writes them with a capital letter)."""
