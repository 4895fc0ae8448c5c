"""What goes on asking when it is told to end."""


def cling(moves):
    """Drive a search or a judge, and ask once more when it is closed."""
    asks = next(moves)
    while True:
        try:
            replies = yield asks
        except GeneratorExit:
            replies = yield asks
        try:
            asks = moves.send(replies)
        except StopIteration as end:
            return end.value
