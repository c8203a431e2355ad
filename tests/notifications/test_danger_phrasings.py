"""What people write: the emergencies and the same-day signs of the clinical facts (section 6) and those that a nurse
would add, in the words of 78-year-olds and those who help them; and the everyday messages beside them (D).
"""

import pytest

from notifications.replies.danger import dangers_in

EMERGENCIES_EN = """
    my right leg feels weak | I can't lift my foot | cannot move my legs | I cant move my leg at all
    my legs won't hold me up | both legs went numb | legs are numb since this morning | I can't feel my feet
    numb between my legs | no feeling down there | I have no feeling in my private area | saddle area is numb
    my bottom is numb when I wipe | I can't pee | haven't been able to pee since last night | I can't urinate
    unable to empty my bladder | I wet myself | I peed the bed | lost control of my bowels
    I pooped myself and didn't feel it | can't hold my urine | leaking urine | terrible back pain getting worse fast
    the pain in my back is unbearable | worst pain of my life | my back is killing me | pain is 10/10
    my chest hurts | pressure in my chest | tightness in my chest | chest feels tight
    heart is racing and chest hurts | I can't breathe | short of breath | trouble breathing
    hard to catch my breath | gasping for air | can't catch my breath | I passed out
    my husband passed out in the bathroom | she is unconscious | he collapsed | I think I'm having a stroke
    my face is drooping | slurred speech | her speech is slurred and she's confused
    I'm confused and don't know where I am | mom is confused | he is not making sense | won't wake up
    she's not responding | I'm having an allergic reaction | my throat is closing up | swollen face and tongue
    my tongue is swelling | hives all over | I want to die | I want to kill myself | I don't want to live anymore
    thinking of hurting myself | I took too many pills | overdose | having a seizure | he had a fit
    call an ambulance | I need an ambulance | this is an emergency | bleeding won't stop | blood everywhere
    blood is gushing out | coughing up blood | vomiting blood | throwing up blood | heart attack | my leg gave out
    legs buckled under me | I fell because my leg gave way | can't get out of bed | can't stand up | I cannot walk
    paralyzed | my leg is dead | can't control my bladder | had an accident in my pants | going in my pants
    I soiled myself | I can't feel when I have to go | can't feel anything when I wipe | turning blue | blue lips
    fainted twice | feel like I'm going to pass out | about to faint | can't swallow | lost my vision
    vision went black | worst headache of my life | she is confused | my wife is acting strange
    he doesn't know where he is | mom is so confused and keeps falling asleep | she's not making any sense
    I am having an alergic reaction | bad reaction to the medicine | my lips are swollen | my eyes are swelling shut
    I passd out | I think I am going to faint | my arm is weak | left side is numb | stroke symptoms
    my mouth is crooked | I feel suicidal | I want to hurt myself | cant feel my bottom | numb down there
    I can't feel anything down there | my feet are numb and tingly | legs feel like jelly and weak | I cant get up
    can't get up off the toilet | bladder won't empty, cannot empty it | I keep wetting myself | poop is leaking out
    chest is tight and my arm hurts | sharp pain in chest when I breathe | blood pouring out of the incision
    can't stop the bleeding | I soaked three bandages it won't stop bleeding
"""
EMERGENCIES_ES = """
    no puedo mover las piernas | no puedo mover la pierna derecha | no puedo caminar | no puedo pararme
    no me puedo levantar | se me doblan las piernas | se me dobla la pierna | tengo la pierna débil
    siento débil la pierna | mis piernas no me responden | las piernas se me durmieron | no siento las piernas
    no siento entre las piernas | no siento mis partes | tengo dormida la entrepierna
    tengo entumecida la parte de abajo | no puedo orinar | no puedo hacer pipí | no he podido orinar
    no he orinado desde ayer | no aguanto la orina | se me sale la orina | me oriné | me hice encima
    me hice del baño | me hice popó y no sentí | me cagué | perdí el control de la vejiga | no controlo la orina
    dolor de espalda insoportable | me duele muchísimo la espalda | el dolor es insoportable | no aguanto el dolor
    dolor muy fuerte que no se quita | me duele el pecho | dolor de pecho | siento presión en el pecho
    opresión en el pecho | me aprieta el pecho | no puedo respirar | me falta el aire | me cuesta respirar
    me ahogo | me estoy ahogando | respiro con dificultad | me desmayé | se desmayó mi esposo
    perdí el conocimiento | perdió el conocimiento | está inconsciente | no despierta | no reacciona
    creo que me dio un derrame | derrame cerebral | embolia | se le fue la cara de lado | tiene la cara chueca
    no puede hablar bien | habla raro | está confundida | no sabe dónde está | mi mamá está desorientada
    reacción alérgica | tengo una reacción alérgica | se me cierra la garganta | se me hinchó la cara
    se me hincha la lengua | tengo la lengua hinchada | ronchas en todo el cuerpo | me quiero morir
    ya no quiero vivir | quiero matarme | me quiero matar | suicidio | pienso en hacerme daño
    tomé muchas pastillas | sobredosis | convulsiones | le dio un ataque | llame una ambulancia | emergencia
    no para de sangrar | mucha sangre | estoy vomitando sangre | escupo sangre | ataque al corazón | infarto
    me caí porque la pierna no me aguantó | no me sostienen las piernas | parálisis | paralizado | labios morados
    se puso morado | no puedo tragar | el peor dolor de cabeza de mi vida | ayúdenme por favor | auxilio
    mi esposa está muy confundida | mi papá anda desorientado y no sabe dónde está | está confundida y no habla bien
    tengo las piernas dormidas | siento las piernas como muertas | la pierna no me responde
    no tengo fuerzas en las piernas | ya no puedo caminar | me cuesta caminar | no puedo levantar el pie
    se me sale el pipí | no puedo aguantar el pipí | no puedo ir al baño desde ayer | no siento cuando orino
    adormecida la zona entre las piernas | se me hincharon los labios | no puedo tragar saliva
    dolor en el pecho y brazo | me voy a desmayar | se está muriendo | sangra mucho | no se detiene el sangrado
"""
SAME_DAY_EN = """
    running a fever | running a temp | running a temp of 101 | temperature of 102 | temp 101.8 | temp is 103
    my temp is up | 102.4 | I have chills | shivering and sweating | I feel feverish | burning up
    101.5 this morning | 38.9 | it's red around the incision | redness is spreading | the wound is red and hot
    incision is warm and swollen | pus coming out | pus | there is yellow stuff coming out | green discharge
    clear fluid leaking from my back | fluid coming out of the cut | the bandage is soaked | dressing is wet
    bleeding through the dressing | blood on the bandage | it's bleeding | there's blood on my shirt
    the wound smells bad | wound opened up | stitches came out | oozing | bad headache when I sit up
    headache when I stand | splitting headache | my head is pounding | migraine | calf is swollen | my calf hurts
    calf pain and warm | leg is swollen and red | throwing up all day | can't keep anything down
    can't stop vomiting | been vomiting since yesterday | puking | I feel dizzy | lightheaded | I fell down
    I had a fall | fell in the shower | tripped and fell | rash all over | itchy rash | hives | I feel very sick
    infected | it looks infected | neck is stiff | stiff neck | black stool | temp of 100.9 | low grade fever
    incision is leaking | bandage came off and it is wet | the stitches opened | smelly discharge
    swelling around the cut | my calf is red and warm | headache gets worse sitting up | nauseous and vomiting
    I slipped in the tub | I hurt myself | confused | I feel so sick | heart is pounding
"""
SAME_DAY_ES = """
    tengo fiebre | tengo calentura | tengo temperatura | temperatura de 39 | tengo 38.9 | 39 de fiebre | escalofríos
    estoy temblando de frío | la herida está roja | la herida está caliente | está rojo alrededor de la herida
    está hinchada la herida | me sale pus | tiene pus | me sale líquido | le sale un líquido claro
    sale líquido de la herida | supura | está supurando | el vendaje está mojado | la venda está manchada de sangre
    el parche está mojado | está sangrando | me está saliendo sangre | sangra | se abrió la herida
    se me abrieron los puntos | huele mal la herida | dolor de cabeza al sentarme
    me duele mucho la cabeza cuando me siento | jaqueca | migraña | la pantorrilla hinchada
    me duele la pantorrilla | tengo el chamorro hinchado | la pierna está hinchada | vomité todo el día
    estoy vomitando | no paro de vomitar | vómito | devuelvo todo | no me cae nada en el estómago | estoy mareada
    mareos | me caí | me caí en el baño | se cayó | me resbalé y me caí | sarpullido | ronchas
    comezón en todo el cuerpo | infección | está infectada | me siento muy mal | cuello tieso
    tengo 39 de temperatura | tengo mucha calentura | se me abrió un punto | la venda está empapada
    le sale agua a la herida | me sale materia de la herida | la herida huele feo
    se me ve rojo alrededor del corte | estoy muy enferma | estoy gomitando | no retengo nada
    me resbalé en el baño | estoy confundido | veo borroso
"""
EVERYDAY = """
    I can walk fine now | yes I have a ride | No, I don't have a ride | my daughter will drive me
    what time do I come? | can I eat breakfast? | where do I park | thank you so much | I feel good today
    feeling much better | pain is 3 | pain is much better | slept well | can I take a shower | when can I drive
    Can I take my blood pressure pills | I take blood thinners | do I need a blood test | what should I wear
    I need to change my appointment | can't make it Tuesday | cannot come at 7 | running late
    I'm running 10 minutes late | my number changed | wrong number | who is this | STOP | HELP
    I stopped my medicine | done | I read it | how long does it take | do I need to bring my scan | I walked 2 miles
    standing is easier now | how are you | good morning | no pain | no problems | everything is fine
    legs are strong | I can feel my feet | going to the bathroom fine | eating and drinking ok | the dressing is dry
    a little sore | a bit sore at the incision | tired but ok | what is the address | my birthday is 10/5
    I'm confused about the time | I am confused about my medicine plan | confused by your text
    I had a stroke last year, does it matter | I'm allergic to penicillin | do you have a list of my allergies
    puedo caminar bien | sí tengo quien me lleve | no tengo quien me lleve | ¿a qué hora llego? | gracias
    me siento bien | ¿puedo comer? | ¿puedo bañarme? | ya leí el plan | estoy confundida con la hora
    no puedo ir el martes | cambiar mi cita | todo bien | camino mejor | dormí bien | me duele poquito | poco dolor
    alérgica a la penicilina | I am confused, which day is it? | confused as to when to come
    she was confused about the time | sorry for the confusion | I can't talk right now | cant talk now call later
    I cannot speak English | no puedo hablar ahorita | no puedo hablar inglés | el 5 de abril es mi operación
    mi cita es en abril | ¿a qué hora abren? | is the site open on Monday | I don't feel comfortable driving there
    I don't feel like driving | when I sit it feels better | it slipped my mind | I can't see the link
    can you see me earlier | no puedo ver el enlace | I hope you feel better | my sister will pick me up
    her number is 202 555 0100 | he will be with me | she is my ride | my wife is coming with me
    I can't stop at the pharmacy today | should I stop my blood thinner | I can't stop my blood thinner, right?
    my blood sugar is 110 | I'm allergic to shellfish | soy alérgica al yodo | me dicen la hora por favor
    ya casi no me duele | I have a question about the form | the visit was good | what do I do with the bandage
    when do the stitches come out | do I take the dressing off | when is my discharge
    can I get the discharge papers | I passed the test | please pass this on to the doctor | me siento muy bien
    muy bien gracias | todo muy bien | voy a ir con mi hija | no sé dónde estacionar | no se donde es la clinica
    I don't know where to go | I don't know where the clinic is | I don't know what day it is scheduled
    going to bed | feet up and resting | it turned out fine | going out of town
"""


def messages(block: str) -> list[str]:
    """The messages of a list with bars or new lines between them."""
    return [body.strip() for line in block.strip().splitlines() for body in line.split("|")]


def levels(body: str) -> list[str]:
    """How soon somebody calls about a message, by the gravest sign in it first; empty when nobody need call at once."""
    return [sign.level for sign in dangers_in(body)]


@pytest.mark.parametrize("said", [EMERGENCIES_EN, EMERGENCIES_ES], ids=["en", "es"])
def test_every_emergency_is_heard_as_one_in_the_words_that_people_use(said: str) -> None:
    assert [body for body in messages(said) if levels(body)[:1] != ["emergency"]] == []


@pytest.mark.parametrize("said", [SAME_DAY_EN, SAME_DAY_ES], ids=["en", "es"])
def test_every_sign_for_the_same_day_is_heard(said: str) -> None:
    assert [body for body in messages(said) if not levels(body)] == []


def test_everyday_messages_call_nobody() -> None:
    assert {body: levels(body) for body in messages(EVERYDAY) if levels(body)} == {}


@pytest.mark.parametrize("body", ["I want to die", "ya no quiero vivir"])
def test_whoever_speaks_of_ending_their_life_is_asked_about_just_that(body: str) -> None:
    sign = dangers_in(f"my leg is weak and {body}")[0]
    assert sign.name == "harm to oneself"
    assert all("988" in said for said in sign.say.values())
