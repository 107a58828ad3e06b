"""The weekly brief 督办通报: the facts of models/answers/week in words, as a page of HTML or as a document.

context.py makes plain values of the facts · words.py says them · page.py fills the page · document.py the .docx.
What is counted is decided in models/answers/week; nothing here reads a database.
"""
