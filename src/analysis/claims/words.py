"""How sentences name what a measure is set to, where it is not the word itself."""

from analysis.modelling.result import Note

SPOKEN = {
    "sesnsp": "SESNSP",
    "sesnsp_with_femicide": Note("SESNSP with femicide"),
    "sesnsp_known_means": Note("SESNSP, known means"),
    "inegi": "INEGI",
    "assigned_inegi": Note("assigned by INEGI's count"),
    "assigned_inegi_including_heads": Note("assigned by INEGI's count, heads of units included"),
    "as_stated": "",
    "calendar": Note("calendar years"),
    "army": Note("army"),
    "army_and_navy": Note("army and navy"),
    "navy": Note("navy"),
    "deployed": Note("deployed"),
    "final": Note("final"),
    "preliminary": Note("preliminary"),
    "first_five_years": Note("first five years"),
    "five_against_whole_terms": Note("five years against whole terms"),
    "whole_term": Note("whole term"),
    "force_strength": Note("force strength"),
    "operational": Note("operational"),
    "planned": Note("planned"),
    "total": Note("total"),
    "main_problem": Note("insecurity named a main problem"),
    "unsafe_in_state": Note("state perceived unsafe"),
    "not_reported": Note("crimes not reported"),
    "reported": Note("crimes reported"),
    "positive_outcome": Note("crimes with a positive outcome"),
    "sesnsp_victims": Note("SESNSP victims"),
    "inegi_deaths": Note("INEGI deaths"),
    "envipe_households": Note("ENVIPE households"),
    "taps_january_to_september": Note("taps, January to September"),
    "taps_full_year": Note("taps, full year"),
    "taps_liquid_fuels": Note("taps, liquid fuels"),
    "litres_stolen": Note("litres stolen"),
    "current_usd": Note("current dollars"),
    "share_of_gdp": Note("share of GDP"),
    "constant_usd": Note("constant dollars"),
}


def speak(word: str) -> str:
    """Name a value of an argument, or a series, as a sentence does.

    Examples
    --------
    >>> speak("inegi"), speak("share_of_gdp"), speak("2018-12")
    ('INEGI', 'share of GDP', '2018-12')
    """
    return SPOKEN.get(word, word.replace("_", " "))
