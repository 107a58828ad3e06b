"""The weekly brief 督办通报: the facts of models/answers/week in words, as a page of HTML or as a document.

context.py makes plain values of the facts · summary.py and words.py say them · page.py fills the page of HTML ·
layout.py lays the template of the document out · writing.py goes the whole way, from the record to the bytes.
What is counted is decided in models/answers/week; nothing here reads a database.
"""
