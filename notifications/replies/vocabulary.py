"""The words that replies are made of, in English and Spanish, as `plain` writes them. Spellings: D."""


def words(listed: str) -> frozenset[str]:
    """The words of a list with spaces or new lines between them."""
    return frozenset(listed.split())


def phrases(listed: str) -> frozenset[str]:
    """The phrases of a list with commas between them."""
    return frozenset(" ".join(phrase.split()) for phrase in listed.split(","))


KEYS = words("C R 1 2 3")
"""What our texts ask for: providers take YES for an opt-in and END, QUIT, CANCEL for an opt-out."""

SAYS: dict[str, frozenset[str]] = {
    "yes": words("""
        yes yeah yea yep yup yess ya ok okay okey oki okk k kk sure confirm confirmed confirming confirmd correct
        absolutely definitely certainly understood understand roger done agreed
        si sii sip claro vale confirmo confirmado confirmada confirmar entendido entiendo hecho listo lista seguro
        perfecto perfect dale
    """),
    "no": words("no nope nah cant cannot unable not noo dont wont imposible impossible nunca"),
    "question": words("question questions pregunta preguntas duda dudas"),
    "good": words("good great fine well better bien mejor excelente excellent wonderful"),
    "worse": words("worse bad worst peor mal"),
    "change": words("""
        change reschedule resched rescheduled different move
        cambiar cambio cambia cambie cambiarla cambiarlo reprogramar mover
    """),
}
"""What a word says as an answer. Two that contradict each other in one message say nothing."""

GOES_WITH: dict[str, frozenset[str]] = {
    "C": words("yes"),
    "R": words("no change"),
    "1": words("yes good"),
    "2": words("question"),
    "3": words("worse"),
}
"""What may stand beside a key without contradicting it: "C, confirmed", "3 worse"."""

POLITE = words("please pls thanks thank thx ty you por favor porfavor porfa gracias")

BESIDE_ALL = POLITE | words("""
    so very much all and i im the a my we it its me hi hello day morning afternoon doctor dr nurse maam sir
    muchas muchisimas y yo estoy el la los las un una mi hola buenos buenas dias tardes doctora senora senorita todo muy
""")

BESIDE: dict[str, frozenset[str]] = {
    "yes": BESIDE_ALL | words("got see that que de acuerdo have ride appointment visit time tengo quien lleve cita"),
    "no": BESIDE_ALL
    | words("""
        am to do go be there make come want have has ride appointment visit time that today
        puedo puede ir quiero tengo quien lleve cita hora hoy
    """),
    "question": BESIDE_ALL | words("have has got do about this tengo"),
    "good": BESIDE_ALL | words("am is feel feeling feels doing today now siento esta hoy ya ahora"),
    "worse": BESIDE_ALL | words("am is feel feeling feels doing today now getting siento esta hoy ya ahora"),
    "change": BESIDE_ALL
    | words("""
        have to need want would like must time appointment visit date
        quiero necesito quisiera tengo que de cita hora fecha
    """),
}
"""What may stand beside a word without changing what it answers. Any other word, and a person reads the message:
"I want to feel better" is not a "good"."""

HAVE = words("have has tengo")
HAVE_NOT = phrases("dont have, do not have, have no, has no, no tengo")
"""A "no" beside a "have" has to be about it: "no, I have a ride" says both."""

ASKING = words("""
    is are am can could do does did will would should shall may when where what why how who which
    puedo puede debo cuando donde que como quien cual es
""")
"""A message that begins with one of these asks something, with a question mark or without."""

WHOLE: dict[str, str] = {
    **dict.fromkeys(
        phrases("""
            y, i will be there, ill be there, we will be there, yes i will be there, yes ill be there,
            ok i will be there, ok ill be there, de acuerdo, esta bien, ahi estare, alli estare, si ahi estare
        """),
        "yes",
    ),
    "n": "no",
}
"""Whole messages that mean one thing."""

SIGNS: dict[str, str] = {"👍": "yes", "👌": "yes", "✅": "yes", "✔": "yes", "☑": "yes", "👎": "no", "❌": "no"}
MUTE_SIGNS = frozenset("🙏🙂😊😀😃😄☺💐🌹")
"""Signs of thanks and good will, which say neither yes nor no."""

TOPICS: dict[str, frozenset[str]] = {
    "ride": words("ride lleve quien"),
    "visit": words("""
        appointment visit time date be there come make go
        cita hora fecha ir ahi alli
    """)
    | SAYS["change"],
    "reading": words("got understood understand done entendido entiendo hecho listo lista"),
}
"""What a message is about when it names one of these; it then answers no question about anything else."""

STOP_EXACTLY = phrases("""
    stop, stopall, stop all, quit, end, revoke, optout, opt out, cancel, unsubscribe, unsubscribe me, alto, parar,
    stop to end, stop it, please stop it, no me escriban,
    no me escriban mas, ya no me escriban, no me contacten, remove me, take me off this list, remove me from this list,
    remove me from your list, do not contact me, dont contact me, leave me alone
""")
"""Clinical facts, section 8. Alone in a message, each of these is an opt-out."""

STOP_FIRMLY = words("stop stopall unsubscribe optout revoke alto parar")
STOP_COMPANY = POLITE | words("now all everything ya todo already just immediately")
"""What may stand beside a word that means nothing but stop. CANCEL, END and QUIT have to stand alone, or name texts:
"cancel please" may be about a visit."""

STOP_WORDS = STOP_FIRMLY | words("quit end cancel stopp stopped stpo pare paren dejen")
TEXT_WORDS = words("""
    text texts texting txt txts message messages messaging msg msgs sms notifications reminders contacting contact
    mensaje mensajes mensajitos texto textos recordatorios escriban escriba escribir escribirme
""")
TEXT_COMPANY = words("""
    me us my phone number the these this those your from to of any anymore more again send sending getting get receive
    receiving want need i im dont do not no never wish would like it that and with wrong person off
    mas manden mande mandes mandar mandarme envien envie enviar enviarme quiero deseo recibir los las el de a mi numero
    estos esos ni nunca otra vez
""")
NO_MORE = phrases("""
    no more, dont text, dont send, dont message, do not text, do not send, do not message, dont want, do not want,
    never text, no mas, no me mand, no mand, no me envi, no envi, no quiero
""")
"""How people ask for no more texts without any of the keywords; the last words are only beginnings."""

START_WORDS = words("start unstop")
START_COMPANY = POLITE | TEXT_WORDS | words("again the me my now sending quiero otra vez los de nuevo")
HELP_WORDS = words("help info ayuda")
