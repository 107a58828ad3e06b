"""Addresses of Apprise's further services, which are used through Apprise itself.

Which schemes there are stands here as a list, since Apprise takes a quarter of a second to load; a test holds it to
Apprise's own. What would only be shown on this machine's screen or log is left out. Nothing is sent here.
"""

from functools import lru_cache
from typing import Any

from config.channels import Channels
from notifications.addresses.hooks import UNLISTED
from notifications.addresses.quiet import apprise_held_quiet
from notifications.addresses.values import Service
from notifications.addresses.written import http_port, parameters

_SERVICES = """
46elks apprise apprises aprs atalk azure bark barks bluesky brevo bsky bulksms bulkvs burstsms chanify chime clickatell
clicksend d7sms dapnet discord dot eight00com elks emby embys enigma2 enigma2s evolution evolutions exotel fcm flock
flowtriq flowtriqs fluxer fluxers form forms freemobile gchat gotify gotifys groupme guilded hassio hassios httpsms
humhub humhubs ifttt irc ircs jellyfin jellyfins jira join kavenegar kodi kodis kook kumulos lametric lametrics lauther
line mailersend mailgun mastodon mastodons matrix matrixs misskey misskeys mmost mmosts mqtt mqtts msg91 msgbird ncloud
nclouds nctalk nctalks nexmo notica noticas notifiarr notifico notificos notifyre ntfy ntfys o365 octopush onesignal
opsgenie pagerduty pagertree parsep parseps pbul pinglet pinglets pingram pjet pjets plivo postmark pover prowl psafer
psafers push pushdeer pushdeers pushed pushme pushplus pushward pushy qq reddit resend revolt ringc rocket rockets
rsyslog ryver schan sendgrid sendpulse serwersms ses session sessions seven sfr signal signalgrid signals signl4 sinch
slack smpp smpps smsc smseagle smseagles smsmanager smsmgr smtp2go sns sogs sparkpost spike splunk spugpush spush
stackfield strmlabs synology synologys tgram threema toot toots trigv trigvs tweet twilio twist twitter vapid viber
victorops voipms vonage webex wechat wecom whatsapp workflow workflows wxpusher wxteams x xbmc xbmcs xml xmls xmpp
xmpps zoom zulip
"""
_SCREENS = "blink1 dbus gio glib gnome growl kde macosx qt syslog windows"
SERVICE_SCHEMES = frozenset(_SERVICES.split())
SHOWN_HERE_ONLY = frozenset(_SCREENS.split())

_NOT_FOLLOWED = frozenset({"optional", "retry", "wait"})  # would change what a success means, or when it is sent


def service(scheme: str, url: str, channels: Channels) -> Service | str:
    """What the URL means, or what is wrong with it. A service on a host of one's own needs that host listed."""
    found = _by_apprise(url)
    if isinstance(found, str):
        return found
    host, port, longest = found
    if host and not channels.may_reach(host, port):
        return UNLISTED
    return Service(scheme, url, longest)


@lru_cache(maxsize=64)
def _by_apprise(url: str) -> tuple[str, int, int] | str:
    """The host of one's own that the service is on (empty where it is its maker's), its port, and how long a text may
    be; or what is wrong."""
    with apprise_held_quiet():
        import apprise

        found: Any = apprise.Apprise.instantiate(url)
        if not found:
            return "地址不完整，或所用服务在本机不可用；写法见 Apprise 的说明"
        if not found.verify_certificate:
            return "不支持跳过证书检查，请将服务器的证书加入系统信任"
        if refused := sorted({name for name, _ in parameters(url)} & _NOT_FOLLOWED):
            return f"地址不支持参数 {'、'.join(refused)}"
        if len(found) > 1:
            return "一个地址只能有一个接收方，请分写成几个地址"
        if not any("{host}" in template for template in found.templates):
            return "", 0, int(found.body_maxlen)
        return str(found.host or ""), found.port or http_port(found.secure), int(found.body_maxlen)
