"""The names in official files: states, municipalities, categories of crime, columns of deaths.

Columns and categories are the producers'; municipalities are made up, but for their number.
"""


def _split(text: str, sign: str | None = None) -> list[str]:
    return text.split(sign)


MONTHS = (
    *("Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio"),
    *("Julio", "Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"),
)
STATES = _split(
    "Aguascalientes|Baja California|Baja California Sur|Campeche|Coahuila de Zaragoza|Colima|"
    "Chiapas|Chihuahua|Ciudad de México|Durango|Guanajuato|Guerrero|Hidalgo|Jalisco|México|"
    "Michoacán de Ocampo|Morelos|Nayarit|Nuevo León|Oaxaca|Puebla|Querétaro|Quintana Roo|"
    "San Luis Potosí|Sinaloa|Sonora|Tabasco|Tamaulipas|Tlaxcala|Veracruz de Ignacio de la Llave|"
    "Yucatán|Zacatecas",
    "|",
)
SHORT = {"Coahuila de Zaragoza": "Coahuila", "México": "Estado de México"} | {
    name: name.split()[0] for name in STATES if name.startswith(("Michoacán", "Veracruz"))
}
SHORT_STATES = [SHORT.get(name, name) for name in STATES]
MUNICIPALITIES = (
    *(11, 7, 5, 13, 38, 10, 125, 67, 16, 39, 46, 85, 84, 125, 125, 113),
    *(36, 20, 51, 570, 217, 18, 11, 59, 20, 72, 17, 43, 60, 212, 106, 58),
)
FIRST = "San Juan|Santa María|San Pedro|Villa|Santo Domingo|Nuevo|Ciudad|Asunción|San José|El"
LAST = (
    "Álvarez|Güémez|Ñumí|Peñasco|de Juárez|Ocotlán|Xicoténcatl|Tepalcingo|Mazatlán|del Río|"
    "Yucuná|Zitácuaro|Ixtlán|Cuautitlán|Amoltepec|Jocotepec|Tlaxco|de la Cañada|Ozumba|Huépac"
)
# The first is an official name, with its comma; no name has quotation marks yet.
ODD_NAMES = {
    (20, 2): "Heroica Villa Tezoatlán de Segura y Luna, Cuna de la Independencia de Oaxaca",
    (7, 2): 'Villa "La Grandeza"',
}

# "Type: subtype: modality; modality", parted by "|"; a part not said repeats the one before it.
# Of the modalities, ARMS, TRAFFIC and FORCE stand for several, "FORCE of x" for "x Con violencia".
SETS = {
    "ARMS": ("Con arma de fuego", "Con arma blanca", "Con otro elemento", "No especificado"),
    "FORCE": ("Con violencia", "Sin violencia"),
}
SETS["TRAFFIC"] = (*SETS["ARMS"], "En accidente de tránsito")
BODY = "La vida y la Integridad corporal"
FREEDOM = "Libertad personal"
PROPERTY = "El patrimonio"
SOCIETY = "La sociedad"
OTHER = "Otros bienes jurídicos afectados (del fuero común)"
HOMICIDE = "Homicidio: Homicidio doloso: ARMS|Homicidio: Homicidio culposo: TRAFFIC"
FEMICIDE = "Feminicidio: Feminicidio: ARMS"
INJURY = (
    "|Lesiones: Lesiones dolosas: ARMS|Lesiones: Lesiones culposas: TRAFFIC|Aborto|Otros delitos "
    "que atentan contra la vida y la integridad corporal|"
)
FREE = "|Tráfico de menores|Rapto|Otros delitos que atentan contra la libertad personal"
SEXUAL = (
    "Abuso sexual|Acoso sexual|Hostigamiento sexual|Incesto|"
    "Otros delitos que atentan contra la libertad y la seguridad sexual|"
)
ROBBED = (
    "de autopartes|a transportista|a transeúnte en vía pública|a transeúnte en espacio abierto al "
    "público|en transporte público individual|en transporte público colectivo|en transporte "
    "individual|a institución bancaria|a negocio|de ganado|a casa habitación"
)
ROBBERY = "".join(f"Robo: Robo {what}: FORCE|" for what in ROBBED.split("|"))
GOODS = (
    f"{ROBBERY}Robo: Otros robos: FORCE|Fraude|Abuso de confianza|Daño a la propiedad|Despojo|"
    "Otros delitos contra el patrimonio|"
)
CABLES = "ables, tubos y otros objetos destinados a servicios públicos"
FAMILY = (
    "Violencia familiar|Violencia de género en todas sus modalidades distinta a la violencia "
    "familiar|Incumplimiento de obligaciones de asistencia familiar|Otros delitos contra la familia"
)
COMMON = (
    "Amenazas|Allanamiento de morada|Evasión de presos|Falsedad|Falsificación|Contra el medio "
    "ambiente|Delitos cometidos por servidores públicos|Electorales|Otros delitos del Fuero Común|"
)

VICTIMS_2015 = {
    BODY: HOMICIDE + INJURY + FEMICIDE,
    FREEDOM: "Secuestro: Secuestro: Secuestro extorsivo; Secuestro con calidad de rehén; Secuestro "
    "para causar daño; Secuestro exprés; Otro tipo de secuestros" + FREE,
    PROPERTY: "Extorsión",
    SOCIETY: "Corrupción de menores|Trata de personas|Otros delitos contra la sociedad",
}
FILES_2015 = VICTIMS_2015 | {
    "La libertad y la seguridad sexual": SEXUAL + "Violación simple|Violación equiparada",
    PROPERTY: GOODS + "Extorsión|Robo: Robo de vehículo automotor: FORCE of Robo de coche de 4 "
    "ruedas; FORCE of Robo de motocicleta; FORCE of Robo de embarcaciones pequeñas y grandes|Robo: "
    f"Robo de maquinaria: FORCE of Robo de c{CABLES}; FORCE of Robo de herramienta industrial o "
    "agrícola; FORCE of Robo de tractores",
    "La familia": FAMILY,
    OTHER: COMMON + "Narcomenudeo",
}
VEHICLES = ("Coche de 4 ruedas", "Motocicleta", "Embarcaciones")
MACHINES = ("Herramienta industrial o agrícola", "Tractores y/o montacargas", f"C{CABLES}")
TRADE = ("explotación sexual", "trabajo o servicios forzados", "tráfico de órganos")
FILES_2026 = {
    BODY: f"{HOMICIDE}|Homicidio: Tentativa de homicidio doloso{INJURY}{FEMICIDE}"
    "|Feminicidio: Tentativa de feminicidio",
    FREEDOM: "Secuestro: Secuestro extorsivo|Secuestro: Secuestro con calidad de rehén|Secuestro: "
    "Secuestro para causar daño|Secuestro: Secuestro exprés|Privación ilegal de la libertad"
    f"|Retención o sustracción de menores e incapaces{FREE}",
    "La libertad y la seguridad sexual": SEXUAL
    + "Violación: Violación simple|Violación: Violación "
    "equiparada|Violación a la intimidad sexual",
    PROPERTY: GOODS
    + "".join(f"Robo: Robo de vehículo automotor - {what}: FORCE|" for what in VEHICLES)
    + "".join(f"Robo: Robo de maquinaria - {what}: FORCE|" for what in MACHINES)
    + "Extorsión: Extorsión presencial|Extorsión: Tentativa de extorsión presencial|Extorsión: "
    "Extorsión por otros medios|Extorsión: Tentativa de extorsión por otros medios",
    "La familia": FAMILY,
    SOCIETY: "Corrupción de menores|Otros delitos contra la sociedad|Pornografía infantil|"
    + "".join(f"Trata de personas: Trata de personas con fines de {what}|" for what in TRADE)
    + "Trata de personas: Trata de personas con otros fines|Discriminación",
    OTHER: COMMON
    + "Narcomenudeo: Narcomenudeo posesión simple|Narcomenudeo: Narcomenudeo con fines "
    "de venta|Delitos contra la administración de justicia|Suplantación y usurpación de identidad"
    "|Tortura",
}

# INEGI, deaths registered: the columns of 2012 to 2021, and those since 2023.
DEATHS_2012 = _split(
    "ent_regis mun_regis ent_resid mun_resid tloc_resid loc_resid ent_ocurr mun_ocurr tloc_ocurr "
    "loc_ocurr causa_def lista_mex sexo edad dia_ocurr mes_ocurr anio_ocur dia_regis mes_regis "
    "anio_regis dia_nacim mes_nacim anio_nacim ocupacion escolarida edo_civil presunto ocurr_trab "
    "lugar_ocur necropsia asist_medi sitio_ocur cond_cert nacionalid derechohab embarazo rel_emba "
    "horas minutos capitulo grupo lista1 gr_lismex vio_fami area_ur edad_agru complicaro dia_cert "
    "mes_cert anio_cert maternas lengua cond_act par_agre ent_ocules mun_ocules loc_ocules razon_m "
    "dis_re_oax"
)
DEATHS_2023 = _split(
    "ent_regis mun_regis tloc_regis loc_regis ent_resid mun_resid tloc_resid loc_resid ent_ocurr "
    "mun_ocurr tloc_ocurr loc_ocurr causa_def cod_adicio lista_mex sexo ent_nac afromex conindig "
    "lengua cve_lengua nacionalid nacesp_cve edad sem_gest gramos dia_ocurr mes_ocurr anio_ocur "
    "dia_regis mes_regis anio_regis dia_nacim mes_nacim anio_nacim cond_act ocupacion escolarida "
    "edo_civil tipo_defun ocurr_trab lugar_ocur par_agre vio_fami asist_medi cirugia natviole "
    "necropsia usonecrops encefalica donador sitio_ocur cond_cert derechohab embarazo rel_emba "
    "horas minutos capitulo grupo lista1 gr_lismex area_ur edad_agru complicaro dia_cert mes_cert "
    "anio_cert maternas ent_ocules mun_ocules loc_ocules razon_m dis_re_oax"
)
# What came later than the first years of the series, by the year it came.
CAME = {
    1998: "dia_ocurr horas minutos dia_nacim mes_nacim grupo capitulo edad_agru",
    2002: "dia_regis dia_cert mes_cert anio_cert",
    2010: "lengua cond_act",
    2012: "loc_resid loc_ocurr loc_ocules ent_ocules mun_ocules par_agre razon_m",
}


def list_crimes(categories: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Spell out categories: legal good, type, subtype and modality of every row."""
    rows = []
    for good, text in categories.items():
        for entry in text.split("|"):
            kind, *rest = entry.split(": ")
            subtype = rest[0] if rest else kind
            for modality in (rest[1] if len(rest) > 1 else subtype).split("; "):
                head, __, of = modality.partition(" of ")
                several = SETS.get(head, (modality,))
                rows += [(good, kind, subtype, f"{of} {item}".strip()) for item in several]
    return rows


def list_places(number: int) -> list[tuple[int, int, str]]:
    """Give state, code in it and name of municipalities: the first of every state, the second..."""
    first, last = _split(FIRST, "|"), _split(LAST, "|")
    places = []
    for state, count in enumerate(MUNICIPALITIES, 1):
        start = 2 if state == 9 else 1  # Mexico City has no 001
        for i in range(count):
            third = f" {last[(i // 200 + 7) % 20]}" if i >= 200 else ""
            name = f"{first[i % 10]} {last[(i // 10 + state) % 20]}{third}"
            places.append((i, state, start + i, ODD_NAMES.get((state, start + i), name)))
    return sorted(place[1:] for place in sorted(places)[:number])


def list_death_columns(year: int) -> list[str]:
    """Give the columns of the deaths registered in a year; before 2012 they are approximate."""
    if year >= 2022:
        return [name for name in DEATHS_2023 if year > 2022 or name != "vio_fami"]
    late = {name for came, names in CAME.items() if year < came for name in names.split()}
    return [name for name in DEATHS_2012 if name not in late]
