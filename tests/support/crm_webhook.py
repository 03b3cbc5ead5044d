"""A webhook client of a customer management with all that a mapping may say, and one that takes any data."""

from __future__ import annotations

from webhooks import client

HEAD = 'kind: webhook\npath: /hook\nsecret: "{{ secret.SECRET }}"\nsignature: {scheme: hmac, header: X-Signature}\n'
CRM = client(
    HEAD
    + """
delivery_id: "{{ request.headers['X-Delivery'] }}"
topic: "{{ body.type }}"
let:
  deal: "{{ body.deal }}"
  number: "{{ deal.number ?? deal.id }}"
map:
  user_data: {email_address: "{{ body.contact.email }}"}
  timestamp: "{{ body.at }}"
  currency: EUR
names:
  transaction_id: {crm_id: "{{ deal.id }}", crm_number: "{{ deal.number }}"}
ids_from: ["{{ body.contact.fields }}"]
events:
  contact.created: generate_lead
  contact.deleted: ignore
  deal.won:
    when: [{value: "{{ deal.amount }}", greater_than: 0}]
    map: {event_name: purchase, transaction_id: "{{ number }}", value: "{{ deal.amount }}"}
    needs: [transaction_id]
  deal.*: {map: {event_name: "deal_{{ topic | split('.') | last }}", currency: null}}
  deal.lost.*: {map: {event_name: lost}}
  cart:
    let: {lines: "{{ body.lines }}"}
    each: "{{ lines }}"
    as: line
    when: [{value: "{{ line.id }}", is: present}]
    map:
      event_name: add_to_cart
      item_id: "{{ line.id }}"
      value: "{{ line.price }}"
      place: "{{ index }}"
      user_data: null
  funnel:
    - map: {event_name: purchase, transaction_id: "{{ body.id }}"}
    - each: "{{ body.bumps }}"
      map: {event_name: upsell, transaction_id: "{{ body.id }}-{{ item }}"}
    - when: [{value: "{{ body.never }}", is: present}]
      map: {event_name: never}
""",
    "crm",
)
ANY = client(HEAD + 'let: {data: "{{ body.data }}"}\nmap: {event_name: x, $override: "{{ data }}"}\n')
