"""Who applies to Northlane Care: names of many places, in the letters that their bearers write."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

# Where letters are not Latin, the Latin form for the address follows after a stroke.
PLACES: dict[str, tuple[str, str]] = {
    "en": (
        "Oliver Bronwen Grace Daniel Ruth Callum Isla Harriet Moira Gethin Poppy Alistair Sian Desmond Marcia Joan Zoe "
        "Denise Ben Winston Beverley Trevor Angharad Ewan Rosalind Imogen Leroy",
        "Hartley Pryce Ashworth Silverman Calloway Pike Alder Whitfield O’Connor Smith-Jones Barraclough Ramsbottom "
        "Thistlewood Llewellyn Campbell McAllister Featherstone Braithwaite Sutcliffe Beaumont Holroyd Armitage "
        "Greenwood",
    ),
    "ga": (
        "Siobhán Pádraig Aoife Niamh Caoimhe Ciarán Gráinne Oisín Róisín Tadhg Bríd Fionnuala",
        "Ní·Bhriain Ó·Súilleabháin Mac·Gabhann Ní·Dhomhnaill Ó·Cinnéide Breathnach Uí·Cheallaigh Ó·Néill Nic·Aodha",
    ),
    "pl": (
        "Łukasz Małgorzata Tomasz Agnieszka Zbigniew Bożena Grażyna Paweł Elżbieta Michał Świętosława Józef",
        "Wiśniewski Kowalczyk Żółkiewski Dąbrowska Wójcik Szczęsny Jabłońska Król Gołębiowska Ćwik Zając Piątek",
    ),
    "yo": (
        "Adéọlá Títílayọ̀ Ọlámidé Babátúndé Fọláṣadé Ayọ̀délé Ìyábọ̀ Olúwaṣeun Yétúndé Kẹ́hìndé",
        "Ọládélé Adébáyọ̀ Akínwándé Ògúnlẹ́yẹ Ọlátúnjí Adéwálé Fálétí Ọ̀ṣọbà Ajàyí Olúwọlé",
    ),
    "ak": (
        "Kwame Ama Kofi Akosua Yaw Abena Kwabena Efua Kojo Adwoa Esi Abla",
        "Boateng Mensah Owusu Asante Ɔsei Agyemang Darko Amponsah Ɛyison Quaye",
    ),
    "ar": (
        "ليلى|leila فاطمة|fatima يوسف|yusuf زينب|zainab عمر|omar مريم|maryam خالد|khaled هدى|huda سمير|samir نور|nour",
        "حداد|haddad الراشد|alrashid منصور|mansour الخطيب|khatib درويش|darwish نجار|najjar السيد|elsayed قاسم|qasim",
    ),
    "hi": (
        "प्रिया|priya अर्जुन|arjun सुनीता|sunita राहुल|rahul अनन्या|ananya विक्रम|vikram मीना|meena दीपक|deepak कविता|kavita",
        "शर्मा|sharma पटेल|patel सिंह|singh अय्यर|iyer गुप्ता|gupta जोशी|joshi मिश्रा|mishra वर्मा|verma रेड्डी|reddy",
    ),
    "zh": (
        "美玲|meiling 伟|wei 秀英|xiuying 建国|jianguo 晓燕|xiaoyan 志强|zhiqiang 丽|li 子轩|zixuan "
        "雨桐|yutong 浩然|haoran",
        "陈|chen 王|wang 李|li 张|zhang 欧阳|ouyang 黄|huang 谭|tan 周|zhou 徐|xu 孙|sun",
    ),
    "el": (
        "Ελένη|eleni Γιώργος|giorgos Μαρία|maria Δημήτρης|dimitris Κατερίνα|katerina Νίκος|nikos "
        "Σοφία|sofia Θάνος|thanos",
        "Παπαδοπούλου|papadopoulou Γεωργίου|georgiou Νικολάου|nikolaou Ιωάννου|ioannou Κώστα|kosta Βασιλείου|vasiliou",
    ),
    "uk": (
        "Надія|nadiia Олександр|oleksandr Ірина|iryna Тарас|taras Оксана|oksana Богдан|bohdan "
        "Соломія|solomiia Юрій|yurii",
        "Шевченко|shevchenko Коваленко|kovalenko Петренко|petrenko Їжакевич|yizhakevych Гнатюк|hnatiuk Лисенко|lysenko",
    ),
    "vi": (
        "Hương Vinh Thị·Mai Đức Quỳnh Tuấn Phượng Hữu·Nghĩa Ánh Dũng Thảo Khánh",
        "Nguyễn Trần Lê Phạm Hoàng Đặng Võ Bùi Đỗ Hồ",
    ),
    "tr": (
        "Elif Yusuf Şükrü Ayşe Çağla İbrahim Gülşen Oğuz Işıl Özgür",
        "Kaya Demir Yıldız Çelik Şahin Öztürk Aydın Güneş Doğan İnönü",
    ),
    "pt": (
        "João Conceição Rafael Inês Luís Graça António Lúcia Estêvão Catarina Mário Flávia",
        "Teixeira Gonçalves da·Conceição Araújo Simões Magalhães Brandão dos·Santos Falcão Sá",
    ),
    "fr": (
        "Chloé Fatou Zoé Jérôme Anaïs Loïc Aïssatou Benoît Maëlle François Océane",
        "Lefèvre Diallo Noël Bérenger D’Aubigné Gaël·Petit Châtelain Traoré L’Hôpital Grosjean",
    ),
    "ko": (
        "준호|junho 서연|seoyeon 민지|minji 지훈|jihoon 하은|haeun 현우|hyunwoo 수빈|subin",
        "박|park 김|kim 이|lee 최|choi 정|jung 강|kang 윤|yoon",
    ),
    "is": (
        "Þórdís Björn Ægir Sigríður Guðmundur Hrafnhildur Ásta Sólveig Einar",
        "Jónsdóttir Þorsteinsson Eiríksson Ævarsdóttir Guðjónsson Hákonardóttir",
    ),
}
HOME_ZONES = {"zh": "Asia/Shanghai", "hi": "Asia/Kolkata", "yo": "Africa/Lagos", "vi": "Asia/Ho_Chi_Minh"}

_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ı": "i", "ø": "o", "þ": "th", "ð": "d", "æ": "ae", "ɔ": "o", "ɛ": "e", "ß": "ss"}
)


@dataclass(frozen=True)
class Name:
    """`address` is the local part of a mail address that such a person might have."""

    first: str
    last: str
    language: str
    address: str


def names(rng: Random) -> Iterator[Name]:
    """Every name of every place once, shuffled."""
    pairs = [
        (language, first, last)
        for language, (firsts, lasts) in PLACES.items()
        for first in firsts.split()
        for last in lasts.split()
    ]
    rng.shuffle(pairs)
    for language, first, last in pairs:
        address = f"{_address_part(first)}.{_address_part(last)}"
        yield Name(_shown(first), _shown(last), language, address)


def _shown(word: str) -> str:
    return word.partition("|")[0].replace("·", " ")


def _address_part(word: str) -> str:
    """The word in the plain letters that mail addresses are made of."""
    latin = word.rpartition("|")[2].lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum())
