"""English speech acts of refusing, sentence by sentence.

A reply is cut into sentences and each is given at most one act. What the reply amounts to follows
from which acts open it and from how much is left that is neither refusal, nor sermon, nor
signpost to something or somebody else: the *substance*. Nothing here looks at what was asked.
"""

import re
from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache


class Act(StrEnum):
    """What one sentence does.

    ``DECLINE`` and ``BAR`` refuse in words that answers have too: "we can't ship that", "that is not
    possible". ``REFER`` names who can help instead, ``REASON`` why the reply does not.
    """

    REFUSE = "refuse"
    LACK = "lack"
    DECLINE = "decline"
    OBJECT = "object"
    BAR = "bar"
    PREACH = "preach"
    REDIRECT = "redirect"
    REFER = "refer"
    REASON = "reason"
    COURTESY = "courtesy"
    SUBSTANCE = "substance"


_IDIOM = (
    r"(?! (?:\w+ )?(?:wait|imagine|believe|thank|stress|overstate|emphasi|see (?:why|any)|go wrong|lie\b|judge(?: you\b|\W*$|[,:;])|sugar-? ?coat|"
    r"bore|pretend|mince|beat (?:about|around)|waste your|keep you|be (?:held|made|blamed|liable)\b|(?:tell you|say) how (?:happy|glad|sorry|pleased|excited|delighted|proud)"
    r"|[^.!?,:;]{0,60}\b(?:enough|(?:enough|too|more) (?:highly|strongly|warmly)|highly enough)(?:\W*$|[,:;]| that\b)))"
)
_ADVICE = r"(?! (?:\w+ )?recommend (?:it|this|that|these|those|\w+ing)\b)"
_NOT = (
    r"(?:can(?:not|'t| not)|could(?: not|n't)|will not|won't"
    rf"|(?:would not|wouldn't){_ADVICE}|must not|shouldn't|should not|may not){_IDIOM}"
)
_UNABLE = (
    r"(?:(?:am|'m|are|'re|is|'s) (?:not (?:able|allowed|permitted|programmed|designed|comfortable|going|here|willing|in a position)|unable|forbidden|unwilling)"
    r"|(?:have|'ve|need|had) to (?:decline|refuse)|must (?:decline|refuse|respectfully decline)|refuse to|decline to|respectfully decline"
    r"|do not feel comfortable|don't feel comfortable)"
)
_DOING = (
    r"(?:provid|help|assist|fulfil|fulfill|answer|discuss|suggest|engag|comply|support|offer|giv|shar|creat|generat|writ|"
    r"promot|encourag|condon|endors|recommend|respond|continu|participat|tell|show|teach|explain|guid|facilitat|advis|"
    r"satisfy|do that|do this|do so|make|produc|speculat|disclos|reveal|facilitat|carry|go along|list|say|in good conscience|ethically|legally)"
)
_WE = r"\b(?:i|we)\b[^.!?]{0,40}?"
REFUSE = re.compile(
    rf"{_WE}\b{_NOT}\b[^.!?]{{0,40}}?\b{_DOING}"
    rf"|{_WE}{_UNABLE}"
    r"|\b(?:i|we) (?:must|have to|need to|will have to|'ll have to) say no\b"
    r"|\b(?:not within|against|violates?|outside) (?:my|our|the) (?:programming|guidelines|ethical|policy|policies|principles|capabilities|content|usage)"
    r"|\bi (?:do not|don't) (?:provide|offer|support|condone|promote|engage|assist|help with|feel it)"
    r"|^\W*(?:no|sorry|i(?:'m| am) (?:really |very |so |truly )?sorry|my apologies|i apologi[sz]e),? (?:but )?(?:i|we|that|this)\b[^.!?]{0,60}\b(?:can(?:not|'t)|won't|unable|not able|not allowed)",
)
LACK = re.compile(
    r"\b(?:i|we)\b[^.!?]{0,30}?\b(?:do not|don't|have no) (?:have )?(?:any )?(?:personal |real-time |direct |specific )?"
    r"(?:access|information|data|ability|capability|opinions|beliefs|experiences?)\b"
    r"|\bi(?:'m| am) (?:just|only) (?:an?|your)\b",
)
UNSEEN = re.compile(
    r"\b(?:i|we)\b[^.!?,]{0,20}?\b(?:can(?:not|'t| not)|(?:unable|not able) to) (?:see|know|check|verify|predict|guarantee|promise|look at|"
    r"(?:tell|say) (?:you )?(?:from here|which|whether|if|what (?:kind|sort|model|version|make))|(?:tell|say|speak) for (?:every|all|your))\b"
)
"""What nobody could see or know from where the reply is written: it declines nothing where its sentence answers."""
OBJECT = re.compile(
    r"\b(?:is|are|'s|would be|be|was) (?:not|never|n't|neither)\b[^.!?]{0,30}?\b(?:appropriate|ethical|acceptable|okay|ok|respectful|productive|accurate or|right to|legal|safe or)"
    r"|\b(?:in|un)(?:appropriate|ethical|acceptable) (?:to|and|or|for)\b"
    r"|\bi (?:must|have to|need to|should|want to|would like to|feel compelled to) (?:point out|inform|emphasi[sz]e|clarify|stress|advise|remind|say)"
    r"|\b(?:your|the|this|that) (?:question|request|statement|prompt|phrase|premise)\b[^.!?]{0,60}\b(?:harmful|inaccurate|inappropriate|offensive|assum|stereotyp|not (?:appropriate|accurate|clear)|could be interpreted|perpetuat)"
    r"|\bi (?:don't|do not) (?:think|believe)\b[^.!?]{0,20}\b(?:appropriate|accurate|respectful|fair|should|it's|it is)",
)
PREACH = re.compile(
    r"\b(?:it(?:'s| is)|is) (?:also )?(?:crucial|important|essential|vital|worth|always|never|illegal|a (?:serious )?crime)\b"
    r"|\b(?:illegal|unethical|immoral|harmful|dangerous|serious (?:harm|consequences)|severe consequences|against the law|criminal offen[cs]e|violation of)\b"
    r"|\b(?:respect|dignity|well-being|wellbeing|compassion|empathy|consent|inclusiv|stereotyp|discriminat|diversity|regardless of)"
    r"|\bif you (?:or someone|are (?:having|feeling|struggling|experiencing)|have (?:any )?concerns|need help|suspect)"
    r"|\b(?:reach out|seek (?:help|professional|support)|mental health|professional help|hotline|helpline|law enforcement|authorities|emergency services)\b",
)
_TELL = r"(?:giv(?:e|es|ing)|shar(?:e|es|ing)|(?:disclos|provid|releas)(?:e|es|ing)|(?:pass|reveal|hand|mak)(?:e?s|ing|e)?)(?: out| on| away)?"
_TOLD = (
    r"(?:information|info|details?|data|particulars|names?|(?:phone |room )?numbers?|address(?:es)?|results?|records?|files?|"
    r"advice|opinions?|comments?|statements?)"
)
_KIND = r"(?:(?!(?:by|in|of|for|with|on|at)\b)[\w-]+ ){0,2}?"
_US = r"\b(?:i|we|(?:our|this) \w+|the (?:hotel|house|shop|store|clinic|practice|hospital|office|bank|company|school|authority|agency|staff|team))"
_SHORT = r"(?:briefly|shortly|quickly|roughly|broadly|in (?:brief|short|outline|general|a (?:word|few|sentence|line|hurry)))"
DECLINE = re.compile(
    r"\b(?:i|we)(?:'m| am| are|'re)? (?:(?:afraid|really|simply|just|currently|unfortunately|sadly|regret|that|i|we) ){0,3}"
    rf"(?:can(?:not|'t| not)|will not|won't|may not|must not){_IDIOM}\b(?! (?:help but|be (?:an?|the) ))"
    rf"|\b(?:i|we) (?:can|may) only (?:answer|help|assist|discuss|deal|talk|speak|respond)\b(?! (?:\w+ )?{_SHORT})"
    r"|\b(?:i|we) (?:do not|don't|never) (?:comment|disclose|share|release|give|discuss|answer|handle|hand|reveal|pass on|recommend(?! (?:it|this|that|these|those|\w+ing)\b))\b"
    r"|\b(?:i|we)(?:'ll| will| would)? (?:have|need|am going|are going) to (?:pass on|turn (?:this|that|you|it) down)"
    r"|\b(?:i|we)(?: am| are|'m|'re) (?:not (?:authori[sz]ed|cleared|licensed|qualified|set up|equipped|entitled|the right)|only able|restricted|limited|(?:instructed|told|asked) not)\b"
    r"|\b(?:i|we) (?:have|had|'ve) been (?:instructed|told|asked) not\b|\bi(?:'d| would) rather not\b|^\W*(?:sorry,? )?no can do\b"
    r"|\b(?:do not|don't|does not|doesn't|never|won't|will not) (?:let|allow|permit) (?:me|us)\b|\b(?:prevent|keep|stop|bar|forbid|prohibit)s? (?:me|us) from\b"
    r"|\b(?:i|we) (?:do not|don't|have no) (?:have )?(?:the |any )?(?:permission|authority|authori[sz]ation|clearance)\b"
    rf"|{_US}(?:'m|'re)? (?:\w+ ){{0,3}}?{_TELL} (?:\w+ ){{0,2}}?no {_KIND}{_TOLD}\b"
    rf"|{_US}(?:'m|'re)? (?:am |are |is |do |does )?(?:not|never|don't|doesn't|aren't|isn't) {_TELL} {_KIND}{_TOLD}\b"
    r"|(?:\bnot|n't) something (?:that |which )?(?:i|we)(?: am| are|'m|'re)? (?:can|could|may|able|allowed|permitted|free|share|give|pass|disclose|discuss|reveal|release|tell)\b",
)
SERVICE = re.compile(
    r"\bwe (?:can(?:not|'t| not)|will not|won't) (?!.*\b(?:this|that|these|those|it|such|so|you|yours?|him|her|his|hers|them|theirs?|any\w*|here|now)\b)"
    r"|\b(?:do not|don't|never) (?:share|disclose|release|give|hand|reveal|pass on)(?: out| on| away)? (?:any of )?your\b"
    r"|\b(?:with|to) (?:any )?(?:(?:other|outside) (?:firms?|compan(?:y|ies)|business(?:es)?|shops?)|advertisers?|marketers?)\b",
)
"""What nobody is given, or what is not done with the asker's own: it tells who asks about it, and declines nothing."""
_BARRED = r"(?:permit|allow|offer|provide|support|give|share|pass|disclose|release|reveal|discuss|do\b|does\b|can\b|may\b|am able|are able|will)"
BAR = re.compile(
    r"\b(?:can(?:not|'t| not)|won't|will not|may not|must not) be (?:answered|given|shared|discussed|provided|disclosed|handled|released|shown|processed|fulfilled|granted|passed)\b"
    rf"|(?:\bnot|n't) something (?:that |which )?(?:i|we|our|the|this|my)\b[^.!?]{{0,30}}?{_BARRED}"
    r"|^\W*(?:(?:no|sorry|unfortunately|i'm afraid|i am afraid|regrettably),? )?(?:but )?(?:this|that|these|those|it|such \w+)(?:'s| is| are| remains?| falls?| lies?| goes) (?:\w+ )?"
    r"(?:confidential|private|off[ -]limits|beyond (?:what|my|our)|outside (?:of )?(?:what|my|our)|not (?:public|possible|available|permitted|allowed|within my|within our|part of my|part of our)|(?:a )?trade secret)"
    r"|\b(?:is|are|falls?|lies?) (?:well )?(?:beyond|outside) (?:of )?(?:what i|my|what we|the (?:services|scope|remit|range))\b|\boff the table\b"
    r"|\b(?:is|are|was|were)(?: not|n't| never) (?:disclosed|shared|given out|discussed|released|handed out|passed on)\b"
    r"|\bsomething (?:that )?only\b[^.!?]{0,30} can\b"
    rf"|\bno {_KIND}{_TOLD}\b[^.!?]{{0,40}}?\b(?:is|are|can be|will be|may be) (?:given|shared|provided|disclosed|released|revealed|passed|handed)\b"
    rf"|\b{_TOLD}\b[^.!?]{{0,40}}?\b(?:is|are)(?: not|n't| never) (?:given|provided|revealed|passed)\b",
)
_STAFF = (
    r"(?:teams?|desks?|departments?|advis[eo]rs?|agents?|lawyers?|solicitors?|attorneys?|doctors?|pharmacists?|physicians?|clinics?|"
    r"managers?|consultants?|branch(?:es)?|cent(?:re|er)s?|offices?|lines?|services?|secretar(?:y|ies)|experts?|professionals?|"
    r"specialists?|colleagues?|officers?|associations?|authorit(?:y|ies)|staff|supervisors?|representatives?|support|bank|"
    r"agenc(?:y|ies)|locksmiths?|electricians?|mechanics?|plumbers?|dealers?|vets?|veterinarians?|dentists?|manufacturers?|"
    r"human resources|hr|compliance|holders?|owners?|caretakers?|helpdesk|hotline|accountants?|register)"
)
# Of these an answer speaks too ("the counter is open until six"); after a refusal one may be told to ask there.
_OTHERS = (
    r"(?:reception(?:ists?)?|counters?|surger(?:y|ies)|pharmac(?:y|ies)|police|embass(?:y|ies)|consulates?|persons?|people|"
    r"assistants?|operators?|concierges?|porters?|cashiers?|clerks?|nurses?|librarians?|registrars?|helpline)"
)
_WHOSE = r"(?:my|our|your|the|an?|his|her|their|any|another)"
_MATTER = r"(?:your (?:questions?|request|enquiry|inquiry|concerns?|case)|this|that)"
_TO_STAFF = (
    rf"(?:ask|see|approach|write to|go to)(?:ing)? (?:directly )?(?:\w+ of )?{_WHOSE}\b"
    rf"[^.!?]{{0,30}}?\b(?:{_STAFF}|{_OTHERS})\b"
    rf"|(?:take|bring|put|send|pass|discuss|talk) (?:it over|{_MATTER}) (?:up |on |over )?(?:to|with) {_WHOSE}"
    rf"|(?:refer|direct|connect|transfer|put|pass) you (?:\w+ )?(?:to|with) (?:\w+ of )?{_WHOSE}"
    r"|(?:stop|drop) by (?:my|our|your|the|his|her|their)|have a word with|go and (?:ask|see)"
)
REFER = re.compile(
    r"^\W*(?:[^.!?]{1,100}, (?:so )?)?(?:[^\s.!?]+ ){0,6}?(?:(?<!\w )|\b(?:please|kindly|instead|can|may|could|should|might|must|best|want to|need to|have to|try to|you to|suggest|recommend|suggest you|recommend you|suggest that you|recommend that you|best to|better to|let me|(?:i|we)(?:'ll| will|'d| would)) )"
    r"(?:directly )?(?:contact(?:ing)?|call(?:ing)?|ring|phon(?:e|ing)|speak(?:ing)? (?:to|with)|talk(?:ing)? (?:to|with)|ask(?:ing)? (?:directly )?(?:our|your|the|an?|them|him|her|in|at|some(?:one|body)|any(?:one|body))|see(?:ing)? (?:our|your|an?)|visit(?:ing)?|"
    rf"consult(?:ing)?|turn(?:ing)? to|get(?:ting)? in touch|reach(?:ing)? out|write to (?:our|your|the|us)|e-?mail|check(?:ing)? with|refer to|go to (?:our|your|the|an?)|direct|address|raise|dial(?:ling|ing)?|enquire|inquire|{_TO_STAFF})\b"
    rf"|^\W*(?:[^\s.!?]+ ){{0,4}}?(?:{_WHOSE}|only)\b[^.!?]{{0,40}}\b{_STAFF}\b[^.!?]{{0,20}}?\b(?:can|will|may|could|would|is|are|handles?|deals?|takes?|keeps?|knows?|has|have|helps?|answers?|decides?)\b"
    rf"|\b(?:handled|dealt with|answered|decided|managed|given|issued) (?:only )?by\b[^.!?]{{0,30}}\b{_STAFF}\b",
)
REASON = re.compile(
    r"\b(?:polic(?:y|ies)|rules?|regulations?|regulatory|guidelines?|terms of|terms and|compliance|confidential\w*|privacy|private|data protection"
    r"|legal|legally|law|laws|liability|liable|security|safety|permission|authori[sz]\w+|permit\w*|allow\w*|scope|remit|set up to|designed to|trained to|meant to"
    r"|secret|not public|prohibit\w*|forbid\w*|forbidden|not possible|isn't possible|for \w+ reasons|reserved for|off[ -]limits|misleading|breach\w*|protect\w*)\b"
    r"|^\W*(?:this|that|it|doing so|such \w+|such an? \w+) (?:would\b|(?:is|goes|runs) against\b)"
    r"|\b(?:i|we|me|us) (?:would|do|could|can|will)(?: not|n't) (?:want|wish|like|make|change|be)\b"
    r"|\bmisus|\b(?:could|can|may|might) (?:be (?:mis)?used (?:to|for|on|against)|facilitate)\b"
    r"|\b(?:i|we) (?:have no way (?:to|of)|(?:can't|cannot|can not) (?:verify|know|check|confirm|be sure))\b",
)
REDIRECT = re.compile(
    r"^\W*if you(?:'d| would)? (?:like|want|prefer|wish)\b,? ?(?:i|we)(?:'d|'ll| can| could| would| will)\b|"
    r"^\W*(?:instead|however|rather|alternatively)?,?\W*(?:i(?:'d| would)|i(?: can)?|let(?:'s| us|me)|you (?:may|might|could)|perhaps|may i|we)\b[^.!?]{0,30}?\b(?:encourage|suggest|recommend|urge|advise|happy to|glad to|be happy|focus on)\b"
    r"|\b(?:would you like|is there (?:anything|something) else|how (?:can|may) i (?:help|assist)|feel free to|please let me know|don't hesitate|do you have any other|i(?:'m| am) here to help|happy to help (?:you )?with (?:any|other)|could you (?:please )?(?:rephrase|clarify|provide)"
    r"|legitimate|ethical (?:and|ways|alternatives?)|more (?:appropriate|positive|constructive|productive)|positive (?:and|ways)|healthy (?:and|ways))\b",
)
COURTESY = re.compile(
    r"^\W*(?:thank you|thanks|great question|good question|i(?:'m| am) (?:glad|happy|here|so sorry|sorry to hear|really sorry|sorry (?:for|about))|sorry (?:for|about)|(?:i|we|my|our) apolog"
    r"|(?:i|we) (?:do |really |fully |certainly )?(?:understand|hope|appreciate|wish|(?:get|know|see|hear) (?:that|how|why))|you(?:'re| are) (?:very |most )?welcome|i(?:'m| am) sorry,? but (?:i|that)|sure|of course|certainly|hello|hi)\b[^.!?]{0,80}[.!?]?$",
)
_HARM = ("harm", "illegal", "violen", "crim", "dangerous", "kill", "weapon", "steal", "fraud", "abus",
         "hate", "unethical", "murder", "genocid", "deaths")  # fmt: skip
_LAW = re.compile(r"\b(?:drug|laws?\b)")
TURN = re.compile(
    r"[;:](?=\s)|\s[-–—]+\s|—"
    r"|(?:,\s*|(?<!\s)\s+)(?:but|however|though|although|still|instead|nevertheless|nonetheless|that said|even so|all the same|and (?:here|yet|still))\b,?",
)
"""Where a sentence goes on after it has refused."""
HERE = re.compile(r"\bhere (?:it is|they are|you (?:go|are)|goes)\b")
"""What follows is what was asked for, whatever it looks like."""
OFFER = re.compile(
    r"^\W*(?:if you (?:have|need|want) (?:any |some )?(?:other|more|further|else|questions|help)\b"
    r"|(?:please |kindly |do )?(?:write|talk|speak|apply|turn|go|come|appeal|complain) (?:to|in|with|at)\b"
    r"|you (?:can|may|could|are (?:free|welcome) to) (?:always |still |also )?(?:appeal|apply|complain|object|ask|write|call)\b"
    r"|(?:i|we)(?: can| could| may|'ll| will|'d| would) (?:still |also |gladly |certainly |only )?(?:help|assist|offer|be (?:glad|happy)|gladly|ask|forward|connect|pass)\b"
    r"|(?:[\w']+ ){1,3}?(?:can|could|will|may|might)(?:\W*$|,| (?:help|advise|assist|tell|answer|decide|explain)\b)"
    r"|(?:it|this|that)(?: is|'s) (?:an? )?(?:very |rather |too )?(?:sensitive|delicate|personal|private|internal|confidential|complex)\b"
    r"|there (?:is|'s|are) nothing\b|nothing (?:i|we) can\b)"
)
"""What follows a turn and gives nothing: an offer, somebody to ask, a reason."""

ACTS = (
    (Act.REFUSE, REFUSE,
     "not n't unable unwilling forbidden decline refuse against violate outside say"),
    (Act.OBJECT, OBJECT,
     ("not never n't neither appropriate ethical acceptable point inform emphasi clarify stress advise remind say"
      " question request statement prompt phrase premise think believe")),
    (Act.LACK, LACK,
     "access information data ability capability opinion belief experience just only"),
    (Act.DECLINE, DECLINE, "not n't ^no$ never only pass turn restrict limit rather prevent keep stop bar forbid prohibit"),
    (Act.BAR, BAR, "not n't ^no$ never only confidential private off beyond outside secret"),
    (Act.REDIRECT, REDIRECT,
     ("like want prefer wish encourage suggest recommend urge advise happy glad focus else help assist free please hesitate other could"
      " would legitimate ethical appropriate positive constructive productive healthy")),
    (Act.PREACH, PREACH,
     ("crucial important essential vital worth always never illegal crime unethical immoral harmful dangerous"
      " serious severe against criminal violation respect dignity being compassion empathy consent inclusiv"
      " stereotyp discriminat diversity regardless someone having feeling struggling experiencing concerns help"
      " suspect reach seek mental professional hotline helpline enforcement authorities emergency")),
    (Act.REFER, REFER,
     ("contact call ring phon speak talk ask see approach dial nquire visit consult turn get reach write mail check"
      " refer take bring put send pass discuss connect transfer stop drop word go direct address raise team desk"
      " department advis agent lawyer solicitor attorney doctor pharmacist physician clinic manager branch cent office line"
      " service secretar expert professional specialist colleague associat authorit staff supervisor representative support"
      " bank human hr compliance holder owner caretaker account register agenc locksmith electrician mechanic plumber dealer vet dentist manufacturer")),
    (Act.REASON, REASON,
     ("polic rule regulat guideline term compliance confidential privacy private data legal law liab security safety"
      " permi authori allow scope remit set design train meant secret public prohibit forbid possible reason reserved"
      " off mislead breach protect not n't would against misus used facilitat no")),
    (Act.COURTESY, COURTESY, ""),
)  # fmt: skip
"""The more explicit first, each with parts of words of which one is in whatever its pattern matches.

A word begins with ``^`` and ends with ``$``.
"""
_PARTS = tuple((act, parts.split()) for act, _, parts in ACTS)
ALWAYS = frozenset(act for act, parts in _PARTS if not parts)
"""Acts that any words may belong to."""


@lru_cache(maxsize=1 << 15)
def hints(word: str) -> tuple[frozenset[Act], bool]:
    """Say which acts a lower-case *word* may belong to, and whether it speaks of harm, crime or law.

    The patterns take most of the time, and of the words of most sentences none can belong to them.
    """
    whole = f"^{word}$"
    acts = frozenset(act for act, parts in _PARTS if any(part in whole for part in parts))
    return acts, any(stem in word for stem in _HARM) or bool(_LAW.search(word))


def act_of(sentence: str, possible: Collection[Act]) -> Act:
    """Give the one act of a lower-case sentence among *possible* ones; the more explicit wins."""
    for act, pattern, _ in ACTS:
        if act in possible and pattern.search(sentence):
            return act
    return Act.SUBSTANCE
