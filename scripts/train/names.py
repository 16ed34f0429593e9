"""Names and phrases of sanctions news, written for this project, to swap into training text.

Persons are given names and surnames put together at random, so they are nobody in particular.
"""

from __future__ import annotations

import random

PERSONS: dict[str, tuple[str, str]] = {
    "persian": (
        "Mohammad Reza Hossein Mehdi Alireza Behrouz Farhad Kambiz Siavash Mahmoud Gholamreza Esmail Mostafa Saeed "
        "Davoud Parviz Nasrin Maryam Zahra Leila Shirin Mahnaz Ebrahim Hamidreza Majid Abbas Amir Morteza",
        "Karimi Hosseini Ahmadian Rostami Zandi Moradi Golshani Tavakoli Farahani Khorasani Shirazi Jalili Sadeghi "
        "Mousavi Bagherzadeh Rezazadeh Najafpour Alizadeh Mirzaei Kazemi Dehghan Esfahani Tabrizi Soleymani Ghorbani",
    ),
    "russian": (
        "Aleksandr Dmitry Sergei Yevgeny Viktor Oleg Igor Gennady Arkady Vyacheslav Nikolai Konstantin Mikhail Andrei "
        "Yury Ruslan Svetlana Yekaterina Olga Natalia Tatiana Lyudmila Valery Anatoly Vitaly Roman Timofey Maksim",
        "Kuznetsov Volkov Morozov Shcherbakov Zhuravlev Kiselyov Tikhonov Gusarov Belyaev Chernyshev Orlovsky Sorokin "
        "Yermakov Lebedev Drozdov Filatov Pankratov Savelyev Rybakov Krylov Nazarov Dyachenko Bondarenko Kovalchuk",
    ),
    "chinese": (
        "Wei Xiaoming Jianguo Guoqiang Zhiqiang Haitao Yongjun Lihua Meiling Xiuying Jinhua Weidong Shaoping Qiang "
        "Zhenhua Dongmei Chunyan Baoguo Hongwei Tianyu Zixuan Rui Peng Bin",
        "Zhang Wang Li Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Luo Zheng Liang Xie Song "
        "Tang Deng Cao",
    ),
    "arabic": (
        "Ahmad Khalid Abdullah Omar Yasser Samir Nabil Tariq Faisal Bassam Walid Hisham Imad Ghassan Rami Mazen Fawaz "
        "Ibrahim Mustafa Yousef Salma Rania Huda Nour Amal Hassan Adnan Marwan",
        "al-Masri al-Hakim al-Rashid al-Tamimi al-Jabouri Haddad Khoury Mansour Saleh Nasser Barakat al-Zoubi Hamdan "
        "al-Qassem Darwish Abbas Shaheen al-Khatib Qasim Makhoul al-Omari Sayegh Fakhoury Bin-Saleh al-Houthi",
    ),
    "korean": (
        "Myong-chol Song-il Kyong-ho Chol-su Hyon-u Yong-nam Ji-hoon Min-su Sang-hyun Dong-hyuk Kwang-jin Un-hui "
        "Jong-gil Thae-song Hye-jin Su-yong Pyong-chol Ryong-hae",
        "Kim Ri Pak Choe Jong Kang Yun Paek Rim Han O So Sin Kwon Hwang An Chon Hong Ryang Mun",
    ),
    "turkish": (
        "Mehmet Ahmet Hakan Burak Serkan Cem Emre Kemal Orhan Selim Yusuf Kadir Ayşe Elif Zeynep Fatma Tolga Volkan "
        "Erdal Murat Cengiz Haluk",
        "Yılmaz Kaya Demir Çelik Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Koç Kurt Özkan Şimşek Polat Erdoğdu "
        "Tekin Güneş Bulut Ateş Toprak Sarıkaya",
    ),
    "balkan and european": (
        "Milan Dragan Zoran Goran Nikola Marko Petar Ivana Jelena Lukas Matthias Jürgen Giulia Marco Pierre Étienne "
        "Sofia Katarzyna Wojciech Tomasz Péter István Ion Bogdan",
        "Petrović Jovanović Nikolić Marković Đorđević Stojanovski Hoxha Krasniqi Kowalczyk Wiśniewski Nagy Szabó "
        "Popescu Ionescu Müller Schneider Lefebvre Moreau Ricci Conti Andersson Nieminen Novák Horváth",
    ),
    "african and latin american": (
        "Emmerson Tendai Chipo Kudakwashe Abubakar Chukwuma Ngozi Kwame Yaw Desta Tesfaye Abiy Jean-Baptiste Ousmane "
        "Fatoumata Luis José Carlos Diosdado Yesenia Rosario Nicolás Delcy Tareck Mamadou",
        "Moyo Ncube Chikwanda Okonkwo Adeyemi Mensah Owusu Gebremariam Tekle Diallo Traoré Kabongo Mukendi Rodríguez "
        "Hernández Maldonado Castillo Ortega Murillo Reyes Guzmán Padrino Nkurunziza Bizimana Deng Lual",
    ),
    "central and south asian": (
        "Nursultan Bakhyt Aslan Rustam Farrukh Sherzod Dilnoza Gulnara Imran Asif Zulfiqar Rajesh Sunil Priya Anil "
        "Sirajuddin Gulbuddin Ilham Vagif Levan Giorgi Tigran Armen Davit",
        "Nazarbekov Abdullayev Rakhimov Karimov Yusupov Toktogulov Khan Malik Chaudhry Sharma Patel Gupta Iyer "
        "Haqqani Zadran Aliyev Mammadov Kvaratskhelia Gelashvili Sargsyan Petrosyan Hakobyan Ismailov",
    ),
    "southeast asian and japanese": (
        "Min Aung Thant Zaw Htun Kyaw Moe Soe Nguyen Van Somchai Anan Budi Siti Agus Hiroshi Kenji Takeshi Yuki Naoko "
        "Rodrigo Ferdinand Maria",
        "Oo Hlaing Win Myint Thein Swe Tran Pham Le Suharto Wijaya Santoso Tanaka Yamamoto Nakamura Fujimoto Santos "
        "Dela Cruz Bautista Srisai Chaiyasit",
    ),
}

STEMS = (
    "Sahand Alborz Zagros Parsian Kavosh Arvand Damavand Caspian Tavrida Volga Ural Sibir Baikal Yenisei Kuban Neva "
    "Luch Granit Vektor Almaz Zvezda Progress Kristall Orion Taurus Meridian Polaris Horizon Crescent Falcon Cedar "
    "Phoenicia Levant Barada Euphrates Tigris Palmyra Dalian Shenzhen Ningbo Tianjin Hangtong Jinshan Huaxing "
    "Pugang Mansudae Kumgang Taesong Chongsong Anadolu Marmara Boğaziçi Karadeniz Belaz Minskenergo Grodno Amber "
    "Triglav Adria Danube Limpopo Zambezi Sudapet Nilotic Orinoco Caribe Ayeyar Myanma Golden Silverlake Northgate "
    "Eastport Blackstar Bluewave Redstone Transoil Petrokim Sovtrans Rustech Elektron Mikron Navigator Atlant"
).split()

SECTORS = (
    "Shipping;Shipping Lines;Petrochemical;Oil;Gas;Energy;Trading;General Trading;Marine Services;Tanker Management;"
    "Ship Management;Aviation;Airlines;Air Cargo;Logistics;Freight Forwarding;Electronics;Microelectronics;"
    "Technology;Defence Industries;Machine-Building Plant;Shipyard;Aerospace Industries;Optics;Chemical;Steel;"
    "Metallurgical Combine;Aluminium;Gold Refinery;Mining;Diamonds;Bank;Commercial Bank;Exchange;Investment;"
    "Capital;Insurance;Holding;Construction;Engineering;Import and Export;Agro;Timber;Telecom;Media;Research Institute;"
    "Design Bureau;Industrial Group;Foundation"
).split(";")

SUFFIXES = (
    "LLC;L.L.C.;OJSC;PJSC;JSC;CJSC;OOO;GmbH;AG;KG;Co.;Co., Ltd.;Co. Ltd;Ltd.;Ltd;Limited;Inc.;Corp.;Corporation;"
    "Company;FZE;FZCO;FZ-LLC;DMCC;S.A.;SA;S.A.R.L.;SARL;SAL;S.p.A.;SpA;B.V.;N.V.;d.o.o.;A.Ş.;Pte. Ltd.;"
    "Sdn. Bhd.;Pty Ltd;PLC;LLP;LP;Group;Holdings;Holding Ltd.;Sh.p.k.;EOOD;Sp. z o.o.;Oy;AB;A/S;C.A.;S.A. de C.V."
).split(";")

PREFIXES = (
    "OJSC;PJSC;JSC;OOO;LLC;Joint Stock Company;Open Joint Stock Company;Limited Liability Company;AO;PT"
).split(";")

AGENCIES = (
    "Ministry of Defence;Ministry of Defense;Ministry of Finance;Ministry of Foreign Affairs;Ministry of Interior;"
    "Ministry of Intelligence and Security;Ministry of Industry and Trade;Ministry of Economy;Ministry of Petroleum;"
    "Ministry of Commerce;Ministry of Justice;Federal Security Service;Main Intelligence Directorate;"
    "State Security Committee;Investigative Committee;Central Bank;Customs Service;Border Guard Service;"
    "Financial Intelligence Unit;Prosecutor General's Office;National Security Council;Supreme Court;"
    "Atomic Energy Organization;Aerospace Industries Organization;Defence Industries Organization;"
    "General Staff;Presidential Guard;Republican Guard;National Guard;Revolutionary Guards;Coast Guard;"
    "State Property Fund;Sovereign Wealth Fund;Foreign Trade Bank;Munitions Industry Department;"
    "Reconnaissance General Bureau;Trade Representation;Space Agency;Port Authority;Electoral Commission;"
    "Department of State;Department of the Treasury;Department of Justice;Department of Commerce;"
    "Bureau of Industry and Security;Office of Foreign Assets Control;Office of Financial Sanctions Implementation;"
    "Foreign, Commonwealth and Development Office;State Secretariat for Economic Affairs;Council of the European Union;"
    "European Commission;Security Council;Panel of Experts;Sanctions Committee;Financial Action Task Force"
).split(";")

ACRONYMS = (
    "OFAC OFSI BIS FCDO SECO DFAT FATF FSB GRU SVR KGB MOIS IRGC IRGC-QF IRISL NIOC NITC CBI MODAFL AEOI KOMID RGB "
    "PDVSA GAESA MOGE MEHL MEC VTB VEB SDGT EU UN UNSC IAEA OPCW Interpol Europol FinCEN NCA HMRC USTR NSA FBI"
).split()

PLACES = (
    "Tehran;Isfahan;Bandar Abbas;Kharg Island;Moscow;St. Petersburg;Novosibirsk;Rostov-on-Don;Murmansk;Vladivostok;"
    "Crimea;Sevastopol;Donetsk;Luhansk;Kherson;Minsk;Brest;Gomel;Pyongyang;Nampo;Sinuiju;Dandong;Dalian;Shenzhen;"
    "Hong Kong;Macau;Xinjiang;Urumqi;Damascus;Aleppo;Latakia;Tartus;Beirut;Sidon;Sana'a;Aden;Hodeidah;Benghazi;Tripoli;"
    "Khartoum;Port Sudan;Darfur;Juba;Kinshasa;Goma;Bangui;Harare;Bulawayo;Caracas;Maracaibo;Havana;Managua;Naypyidaw;"
    "Yangon;Rakhine State;Mandalay;Istanbul;Ankara;Mersin;Dubai;Sharjah;Abu Dhabi;Fujairah;Nicosia;Limassol;Tbilisi;"
    "Yerevan;Baku;Astana;Almaty;Bishkek;Tashkent;Dushanbe;Chisinau;Tiraspol;Transnistria;Belgrade;Banja Luka;Pristina;"
    "Vienna;Zurich;Zug;Vaduz;Geneva;Riga;Tallinn;Vilnius;Valletta;Panama City;Tortola;Majuro;Monrovia;Mogadishu;Kabul;"
    "Kandahar;Peshawar;Gaza;Ramallah;Basra;Erbil;Mosul;Strait of Hormuz;Black Sea;Sea of Azov;Kerch Strait;Gulf of Oman"
).split(";")

COUNTRIES = (
    "Iran;Russia;Belarus;North Korea;Syria;Venezuela;Cuba;Myanmar;Zimbabwe;Sudan;South Sudan;Libya;Yemen;Somalia;Mali;"
    "Nicaragua;China;Turkey;Lebanon;Iraq;Afghanistan;Ukraine;Moldova;Georgia;Kazakhstan;Kyrgyzstan;Uzbekistan;Serbia;"
    "Bosnia and Herzegovina;Cyprus;Malta;Switzerland;Liechtenstein;Panama;the United Arab Emirates;Oman;Qatar;India;"
    "Pakistan;Japan;South Korea;Australia;New Zealand;Canada;the United Kingdom;the United States;Germany;France;Italy;"
    "Austria;Poland;Latvia;Lithuania;Estonia;Finland;Norway;Hungary;Eritrea;Ethiopia;Haiti;Guatemala;El Salvador;"
    "the Democratic Republic of Congo;the Central African Republic;Burundi;Guinea-Bissau;the Marshall Islands;Liberia"
).split(";")

ADJECTIVES = (
    "Iranian Russian Belarusian North-Korean Syrian Venezuelan Cuban Burmese Zimbabwean Sudanese Libyan Yemeni Somali "
    "Chinese Turkish Lebanese Iraqi Afghan Ukrainian Moldovan Georgian Kazakh Kyrgyz Uzbek Serbian Bosnian Cypriot "
    "Maltese Swiss Panamanian Emirati Omani Indian Pakistani Japanese Korean Australian Canadian British American "
    "German French Italian Austrian Polish Latvian Estonian Norwegian European Western Nicaraguan Ethiopian"
).split()

CHROME = (
    "Share this article;Read more;Related articles;Most read;Sign up for our newsletter;Subscribe now;Log in;"
    "Advertisement;Skip to content;Home > News > World;Follow us on social media;All rights reserved.;Print this page;"
    "Comments (12);Photo: handout;Last updated 3 hours ago;Published 14:05;5 min read;Cookie settings;Accept all;"
    "Terms of use | Privacy policy | Contact;Back to top;Load more;Click here to listen;Breaking news;Editor's picks;"
    "Listen to this story;Save for later;Copy link;Share on email;Menu;Search;Topics;Opinion;Business;Politics;Sport;"
    "Share;Tweet;Continue reading below;Story continues;Image caption;Getty images credit;Free trial;Go to homepage;"
    "Previous story;Next story;Tags: sanctions, trade, energy;You may also like;Report an error;Download PDF;Newsletter"
).split(";")


def person(rng: random.Random) -> str:
    """A full name, its order and form as newspapers give them."""
    origin = rng.choice(sorted(PERSONS))
    given, surname = (rng.choice(part.split()) for part in PERSONS[origin])
    if origin in ("chinese", "korean") and rng.random() < 0.85:
        return f"{surname} {given}"
    if rng.random() < 0.12:
        return f"{given} {rng.choice(PERSONS[origin][0].split())} {surname}"
    if rng.random() < 0.06:
        return f"{given[0]}. {surname}"
    return f"{given} {surname}"


def surname(rng: random.Random) -> str:
    return rng.choice(PERSONS[rng.choice(sorted(PERSONS))][1].split())


def company(rng: random.Random) -> str:
    """A company with its legal form before or after the name, or without one."""
    words = [rng.choice(STEMS)]
    if rng.random() < 0.2:
        words.append(rng.choice(STEMS))
    if rng.random() < 0.75:
        words.append(rng.choice(SECTORS))
    form = rng.random()
    if form < 0.12:
        words.insert(0, rng.choice(PREFIXES))
    elif form < 0.8 or len(words) == 1:
        words.append(rng.choice(SUFFIXES))
    return " ".join(words)


def agency(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.3:
        return rng.choice(ACRONYMS)
    if roll < 0.5:
        return f"{rng.choice(AGENCIES)} of {rng.choice(COUNTRIES)}"
    return rng.choice(AGENCIES)


def organization(rng: random.Random) -> str:
    return company(rng) if rng.random() < 0.6 else agency(rng)


def place(rng: random.Random) -> str:
    return rng.choice(PLACES if rng.random() < 0.6 else COUNTRIES).removeprefix("the ")
